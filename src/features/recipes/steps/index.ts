import type { StepKind } from "../step.ts";
import { cancel, deposit, order, withdrawal } from "./api-step.ts";
import { event } from "./event-step.ts";
import { expect } from "./expect-step.ts";
import { wait, sleep } from "./wait-step.ts";

/** All kinds of steps. A kind is its file and its entry here. */
export const STEP_KINDS: readonly StepKind[] = [order, cancel, deposit, withdrawal, event, wait, expect, sleep];
