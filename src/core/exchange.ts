import type { HeaderPair } from "./delivery.ts";
import { isAcknowledgement } from "./delivery-policy.ts";

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

/**
 * Headers that belong to a connection instead of a message (RFC 9110, 7.6.1), and those that each request sets
 * itself.
 */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "content-length",
]);

/**
 * Why a delivery was sent to the app. `live`: it was just received. `catch-up`: it was received while the app did not
 * accept deliveries. `replay`: the user sent it again. `elsewhere`: the user sent it to another URL than the app's.
 * `edited`: the user sent it with another payload, so it is no longer the same event. The last two say nothing about
 * the app and the delivery.
 */
export type ForwardCause = "live" | "catch-up" | ReplayCause;
export type ReplayCause = "replay" | "elsewhere" | "edited";

/** Whether an attempt says something about the app and the delivery. */
export function isAtApp(cause: ForwardCause): boolean {
  return cause !== "elsewhere" && cause !== "edited";
}

/** One attempt to forward a delivery to the app, and its outcome. */
export interface ForwardAttempt {
  readonly deliveryId: string;
  readonly cause: ForwardCause;
  readonly url: string;
  readonly outcome: ExchangeOutcome;
  /** The body of an edited one; every other one sends that of the delivery. */
  readonly sent?: Buffer;
}

/** Whether the app accepted it: a response from 200 to 299. */
export function isAccepted(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "answered" && isAcknowledgement(outcome.status);
}
