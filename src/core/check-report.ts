/** Whether an endpoint may go live without passing the check. */
export type CheckRequirement = "required" | "advisory";

/**
 * `unproven`: the responses are correct, but only the app's state could show whether it processed them correctly.
 * `skipped`: not run, for the reason in `got`.
 */
export type CheckVerdict = "passed" | "failed" | "unproven" | "skipped";

/**
 * The result of one check of an endpoint. The texts are plain sentences; `got` quotes the beginning of the endpoint's
 * response without markup, and is not cleaned.
 */
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
  /** How to fix it; empty if the check passed. */
  readonly fix: string;
  /** Whether one of the report's notes is the cause, for example that the endpoint answers 404 to everything. */
  readonly explained: boolean;
  readonly durationMs: number;
}

export interface CheckReport {
  readonly url: string;
  /** Reproduces the same ids and the same order. */
  readonly seed: number;
  /** In the order in which they ran. */
  readonly results: readonly CheckResult[];
  /** At least one check ran, no required check failed, and the end of the run cut none off. */
  readonly passed: boolean;
  /** Whether the run covered the whole checklist: nothing was excluded with `--only`, `--skip` or `--safe`. */
  readonly complete: boolean;
  /** Ready for production: a complete run that passed, with no check unproven and no advisory check failed. */
  readonly ready: boolean;
  /** Whether the endpoint answered any request. */
  readonly reachable: boolean;
  /** Why the run ended before the last check, or null. */
  readonly stopped: string | null;
  /** Whether the run ended because its overall time limit was reached. */
  readonly timedOut: boolean;
  /** Explanations that cover many results at once, such as a secret that is not the endpoint's. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}
