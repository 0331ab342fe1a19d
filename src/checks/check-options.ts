import type { Proxy } from "../core/proxy.ts";
import type { Generation } from "../core/samples.ts";
import type { Scheme } from "../core/signature.ts";
import type { CheckLimits } from "./limits.ts";

export interface CheckOptions {
  /** http or https. */
  readonly url: string;
  /** Without it, checks that need a signature are skipped. */
  readonly secret: string | undefined;
  readonly scheme: Scheme;
  /** For the schemes with a single header. */
  readonly signatureHeader?: string | undefined;
  /** The format of the payloads. */
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
  /** For one response. */
  readonly timeoutMs: number;
  /** Additional certificate authorities, in PEM. */
  readonly ca?: string | undefined;
  /** The proxy to use, if any. */
  readonly proxy?: Proxy | undefined;
  readonly limits?: Partial<CheckLimits> | undefined;
}
