/** Whether an endpoint may go live without passing. */
export type CheckRequirement = "required" | "advisory";

/**
 * `unproven`: the answers are right, but whether the app acted rightly cannot be seen without reading its state.
 * `skipped`: not run, for the reason that `got` names.
 */
export type CheckVerdict = "passed" | "failed" | "unproven" | "skipped";

/** How one check of an endpoint ended. The texts are plain sentences; `got` quotes what the endpoint answered, as it came. */
export interface CheckResult {
  /** Permanent, such as `signature.stale`. */
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly requirement: CheckRequirement;
  readonly result: CheckVerdict;
  readonly why: string;
  readonly sent: string;
  readonly expected: string;
  readonly got: string;
  /** How to fix it; empty where it passed. */
  readonly fix: string;
  /** Whether one of the report's notes is the cause, as where the endpoint answers 404 to everything. */
  readonly explained: boolean;
  readonly durationMs: number;
}

export interface CheckReport {
  readonly url: string;
  /** Makes the same ids and the same order again. */
  readonly seed: number;
  /** In the order in which they ran. */
  readonly results: readonly CheckResult[];
  /** At least one check ran, no required check failed, and none was cut off by the end of the run. */
  readonly passed: boolean;
  /** Whether the run had the whole checklist to do: nothing was left out with `--only`, `--skip` or `--safe`. */
  readonly complete: boolean;
  /** Ready for production: a complete run that passed, and left nothing unproven or advised against. */
  readonly ready: boolean;
  /** Whether the endpoint answered anything at all. */
  readonly reachable: boolean;
  /** Why the run ended before the last check, or null. */
  readonly stopped: string | null;
  /** Whether that was the end of the time for the whole run. */
  readonly timedOut: boolean;
  /** What explains many results at once, such as a secret that is not the endpoint's. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}
