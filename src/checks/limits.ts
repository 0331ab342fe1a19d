import { SLOW_ANSWER_MS } from "../core/delivery-policy.ts";

/** What the checks measure an endpoint by. Times are in milliseconds. */
export interface CheckLimits {
  /** Slower answers come too close to the timeout. */
  readonly quickMs: number;
  /** How many single answers are timed. */
  readonly samples: number;
  /** Events sent at once. */
  readonly burst: number;
  readonly largeBytes: number;
  /** How long a change of the app's state is waited for, and how long until it comes to rest. */
  readonly settleMs: number;
  /** A state that did not change for so long is at rest. */
  readonly quietMs: number;
  /** For so long the state is watched before anything is sent, to see whether it changes by itself. */
  readonly idleMs: number;
  readonly pollMs: number;
  /** How long an endpoint that went down has to come back, as under a supervisor that restarts it. */
  readonly restartMs: number;
  /** How long after the last check an endpoint that answered first and worked then may still go down. */
  readonly lastLookMs: number;
  /** For the whole run. */
  readonly totalMs: number;
}

export const DEFAULT_LIMITS: CheckLimits = {
  quickMs: SLOW_ANSWER_MS,
  samples: 5,
  burst: 50,
  largeBytes: 256 * 1024,
  settleMs: 10_000,
  quietMs: 500,
  idleMs: 3_000,
  pollMs: 100,
  restartMs: 5_000,
  lastLookMs: 300,
  totalMs: 5 * 60_000,
};
