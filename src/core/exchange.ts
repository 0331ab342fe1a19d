import type { HeaderPair } from "./delivery.ts";

/** Why a request to an endpoint got no whole answer. */
export type ExchangeFailure =
  | "refused" // connection refused
  | "unreachable" // no such host, no route
  | "timeout" // no whole answer in the time allowed
  | "broken" // the connection ended before the answer did
  | "garbage" // what came is not HTTP
  | "tls" // the certificate does not hold, or the port does not speak TLS
  | "unsendable" // a header or the URL that no request may carry
  | "overflow" // never sent: too much waits for the endpoint already
  | "stopped"; // given up by us

/** How a request to an endpoint ended. Nothing of it is an exception: an endpoint may do all of this. */
export type ExchangeOutcome = {
  /** Unix milliseconds at which it was handed to the connection. */
  readonly startedAt: number;
  readonly durationMs: number;
} & (
  | {
      readonly kind: "answered";
      readonly status: number;
      /** In the order received, repeated ones apart. */
      readonly headers: readonly HeaderPair[];
      /** The beginning of the body as it came, still encoded if it was encoded. */
      readonly body: Buffer;
      /** Length of the body as far as it was read. */
      readonly bodyBytes: number;
    }
  | { readonly kind: "failed"; readonly reason: ExchangeFailure; readonly message: string }
);

/** How much of an answer's body is kept. */
export const KEPT_ANSWER_BYTES = 64 * 1024;
