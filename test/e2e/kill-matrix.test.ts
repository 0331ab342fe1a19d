import { killMatrix, SAMPLE_CELLS } from "../support/kill-matrix.ts";

killMatrix("none", SAMPLE_CELLS);
