import { killMatrix } from "../support/kill-matrix.ts";

// Skipped if the SDK's native package is absent.
killMatrix("ngrok");
