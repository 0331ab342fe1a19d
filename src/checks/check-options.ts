import type { Proxy } from "../core/proxy.ts";
import type { Generation } from "../core/samples.ts";
import type { Scheme } from "../core/signature.ts";
import type { CheckLimits } from "./limits.ts";

export interface CheckOptions {
  /** http or https. */
  readonly url: string;
  /** Without it, whatever must be signed is skipped. */
  readonly secret: string | undefined;
  readonly scheme: Scheme;
  /** Of the schemes with a single header. */
  readonly signatureHeader?: string | undefined;
  /** The form of the payloads. */
  readonly generation: Generation;
  /** The investor or account that the events are said to concern, so that the app knows it. */
  readonly ownerId?: string | undefined;
  /** Only what makes no handler act: for an endpoint that is live. */
  readonly safe: boolean;
  /** Ids or groups of checks. Empty: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** The same seed makes the same ids and the same order; an app that remembers them takes a second run for duplicates. */
  readonly seed: number;
  /** For one answer. */
  readonly timeoutMs: number;
  /** Further certificate authorities, in PEM. */
  readonly ca?: string | undefined;
  /** What to go through, if anything. */
  readonly proxy?: Proxy | undefined;
  readonly limits?: Partial<CheckLimits> | undefined;
}
