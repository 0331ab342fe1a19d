import type { HeaderPair } from "./delivery.ts";

/** What is wrong with a request of the self-test that has come in; null where a delivery would have been accepted. */
export type Arrival =
  | { readonly problem: "path"; readonly path: string }
  | { readonly problem: "method"; readonly method: string }
  /** Its own header is missing, so that of a signature would be missing too. */
  | { readonly problem: "headers" }
  | { readonly problem: "body"; readonly bytes: number }
  | { readonly problem: null };

/** One POST that proves that a public URL leads to this listener. Only this listener knows what it is answered. */
export interface SelfTestProbe {
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** The body of the answer. */
  readonly answer: string;
  /** How the request has come in; undefined as long as it has not. */
  arrival(): Arrival | undefined;
  /** It is no longer answered. A late copy of it is still not a delivery. */
  forget(): void;
}

/** A listener that can be asked to expect a probe. */
export interface SelfTestHost {
  /** `bytes`: length of the body, as far as it can be so short. */
  expectProbe(bytes: number): SelfTestProbe;
}
