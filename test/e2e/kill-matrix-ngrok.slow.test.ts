import { ALL_CELLS, killMatrix } from "../support/kill-matrix.ts";
import { sampled } from "../support/sampled.ts";

// Skipped if the SDK's native package is absent.
killMatrix("ngrok", sampled(ALL_CELLS, 3));
