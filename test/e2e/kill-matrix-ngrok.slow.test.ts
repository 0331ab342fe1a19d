import { killMatrix } from "../support/kill-matrix.ts";

// Skipped where the SDK's native package is absent.
killMatrix("ngrok");
