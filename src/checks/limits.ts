/** What the checks measure an endpoint by. Times are in milliseconds. */
export interface CheckLimits {
  /** "Well inside" the 30 s after which an answer counts as none. */
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
  readonly pollMs: number;
  /** How long an endpoint that went down has to come back, as under a supervisor that restarts it. */
  readonly restartMs: number;
  /** For the whole run. */
  readonly totalMs: number;
}

export const DEFAULT_LIMITS: CheckLimits = {
  quickMs: 5_000,
  samples: 5,
  burst: 50,
  largeBytes: 256 * 1024,
  settleMs: 10_000,
  quietMs: 500,
  pollMs: 100,
  restartMs: 5_000,
  totalMs: 5 * 60_000,
};
