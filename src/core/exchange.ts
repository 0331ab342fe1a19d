import type { HeaderPair } from "./delivery.ts";

/** Why a request to an endpoint got no complete response. */
export type ExchangeFailure =
  | "refused" // connection refused
  | "unreachable" // no such host, no route
  | "timeout" // no complete response within the time limit
  | "broken" // the connection ended before the response did
  | "garbage" // the response is not HTTP
  | "tls" // the certificate is invalid, or the port does not speak TLS
  | "unsendable" // a header or URL that a request must not contain
  | "overflow" // never sent: too many requests wait for the endpoint
  | "stopped"; // canceled by this program

/** The outcome of a request to an endpoint. Every behaviour of an endpoint is a value, never an exception. */
export type ExchangeOutcome = {
  /** Unix milliseconds at which the request was passed to the connection. */
  readonly startedAt: number;
  readonly durationMs: number;
} & (
  | {
      readonly kind: "answered";
      readonly status: number;
      /** In the order received, repeated ones apart. */
      readonly headers: readonly HeaderPair[];
      /** The beginning of the body as received, with any content encoding. */
      readonly body: Buffer;
      /** Length of the part of the body that was read. */
      readonly bodyBytes: number;
    }
  | { readonly kind: "failed"; readonly reason: ExchangeFailure; readonly message: string }
);

/** How much of a response body is kept. */
export const KEPT_ANSWER_BYTES = 64 * 1024;
