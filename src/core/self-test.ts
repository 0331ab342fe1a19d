import type { HeaderPair } from "./delivery.ts";

/** What is wrong with a self-test request that was received; null if a delivery would have been accepted. */
export type Arrival =
  | { readonly problem: "path"; readonly path: string }
  | { readonly problem: "method"; readonly method: string }
  /** Its own header is missing, so a signature header would be removed too. */
  | { readonly problem: "headers" }
  | { readonly problem: "body"; readonly bytes: number }
  | { readonly problem: null };

/** One POST that proves that a public URL leads to this listener. Only this listener knows the right response. */
export interface SelfTestProbe {
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** The body of the response. */
  readonly answer: string;
  /** How the request was received; undefined until then. */
  arrival(): Arrival | undefined;
  /** Stops answering it. A late copy of it is still not treated as a delivery. */
  forget(): void;
}

/** A listener that can expect a probe. */
export interface SelfTestHost {
  /** `bytes`: length of the body; very small values are rounded up. */
  expectProbe(bytes: number): SelfTestProbe;
}
