import type { StepKind } from "../step.ts";
import { deposit, order, withdrawal } from "./api.ts";
import { event } from "./event.ts";
import { expect } from "./expect.ts";
import { sleep } from "./sleep.ts";
import { wait } from "./wait.ts";

/** All kinds of steps. A kind is its file and its entry here. */
export const STEP_KINDS: readonly StepKind[] = [order, deposit, withdrawal, event, wait, expect, sleep];
