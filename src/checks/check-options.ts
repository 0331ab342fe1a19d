import type { Proxy } from "../core/proxy.ts";
import type { Scheme } from "../core/signature.ts";
import { SLOW_ANSWER_MS } from "../core/delivery-policy.ts";
import type { FrameworkName } from "./frameworks/names.ts";
import type { Generation } from "../core/id-rules.ts";
import type { PayloadForm } from "../core/payload-form.ts";

export interface CheckOptions {
  /** http or https. */
  readonly url: string;
  /** Without it, checks that need a signature are skipped. */
  readonly secret: string | undefined;
  readonly scheme: Scheme;
  /** For the schemes with a single header. */
  readonly signatureHeader?: string | undefined;
  /** The form of the payloads; the default is `event`. */
  readonly form?: PayloadForm | undefined;
  /** The names in the data of the payloads. */
  readonly generation: Generation;
  /** The investor or account that the events concern, so that the app knows it. */
  readonly ownerId?: string | undefined;
  /** Sends only events that no handler acts on: for a live endpoint. */
  readonly safe: boolean;
  /** Ids or groups of checks. Empty: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /**
   * The same seed produces the same ids and the same order; an app that stores ids treats a second run as duplicates.
   */
  readonly seed: number;
  /** The app's framework; absent: recognized by its responses. */
  readonly framework?: FrameworkName | undefined;
  /** For one response. */
  readonly timeoutMs: number;
  /** Additional certificate authorities, in PEM. */
  readonly ca?: string | undefined;
  /** The proxy to use, if any. */
  readonly proxy?: Proxy | undefined;
  readonly limits?: Partial<CheckLimits> | undefined;
}

/** Limits and durations of the checks. Times are in milliseconds. */
export interface CheckLimits {
  /** Slower responses are too close to the timeout. */
  readonly quickMs: number;
  /** How many single responses are timed. */
  readonly samples: number;
  /** Number of events sent at once. */
  readonly burst: number;
  readonly largeBytes: number;
  /** How long to wait for a change of the app's state, and for it to settle. */
  readonly settleMs: number;
  /** A state without a change for this long has settled. */
  readonly quietMs: number;
  /** How long the state is observed before anything is sent, to see whether it changes by itself. */
  readonly idleMs: number;
  readonly pollMs: number;
  /** How long an endpoint that crashed may take to come back, for example under a supervisor that restarts it. */
  readonly restartMs: number;
  /** How long after the last check a crash is still detected, for an endpoint that processes events after answering. */
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
