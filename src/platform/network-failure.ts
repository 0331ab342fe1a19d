import type { ExchangeFailure } from "../core/exchange.ts";

/** Why a request failed: the reason for an exchange, and a message. */
export type NetworkFailure = readonly [reason: ExchangeFailure, message: string];

/** The port speaks another protocol than TLS. */
export const NO_TLS = "it does not use TLS on this port";

/** A status such as `099`, or an unrequested `101`. */
const BAD_STATUS: NetworkFailure = ["garbage", "the response has an invalid status"];

const HEADERS_TOO_LARGE: NetworkFailure = ["garbage", "the response headers are too large"];

/** By error code of Node and undici. */
const FAILURES: Readonly<Record<string, NetworkFailure>> = {
  ECONNREFUSED: ["refused", "connection refused"],
  ENOTFOUND: ["unreachable", "DNS lookup failed: unknown host"],
  EAI_AGAIN: ["unreachable", "DNS lookup failed"],
  EHOSTUNREACH: ["unreachable", "no route to the host"],
  ENETUNREACH: ["unreachable", "the network is unreachable"],
  EADDRNOTAVAIL: ["unreachable", "this machine has no address to connect from"],
  ETIMEDOUT: ["unreachable", "timed out while connecting"],
  UND_ERR_CONNECT_TIMEOUT: ["unreachable", "timed out while connecting"],
  ECONNRESET: ["broken", "the connection was reset"],
  EPIPE: ["broken", "the connection was closed"],
  UND_ERR_SOCKET: ["broken", "the connection was closed before the response was complete"],
  UND_ERR_DESTROYED: ["stopped", "canceled"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["broken", "the response was shorter than its content-length"],
  UND_ERR_HEADERS_OVERFLOW: HEADERS_TOO_LARGE,
  HPE_HEADER_OVERFLOW: HEADERS_TOO_LARGE,
  // undici assumes a valid status, and its assertion fails for an invalid one.
  ERR_ASSERTION: BAD_STATUS,
  EPROTO: ["tls", NO_TLS],
  ERR_SSL_WRONG_VERSION_NUMBER: ["tls", NO_TLS],
};

const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;
const UNSENDABLE = /^UND_ERR_(INVALID|NOT_SUPPORTED)/;

/** Maps an error that Node or undici threw. */
export function networkFailure(error: unknown): NetworkFailure {
  const code = codeOf(error);
  if (code === "UND_ERR_SOCKET" && error instanceof Error && error.message === "bad upgrade") return BAD_STATUS;
  const known = Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  if (known !== undefined) return known;
  // undici's parser is recognized by name, because it is not loaded for this.
  if (code.startsWith("HPE_") || (error instanceof Error && error.name === "HTTPParserError"))
    return ["garbage", "the response is not HTTP"];
  if (BAD_CERTIFICATE.test(code)) return ["tls", `invalid TLS certificate (${code})`];
  const text = error instanceof Error ? error.message : String(error);
  if (UNSENDABLE.test(code) || error instanceof TypeError) return ["unsendable", `it cannot be sent: ${text}`];
  return ["broken", text || code || "the connection was closed"];
}

/** If a host has several addresses, the codes are one level deeper. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && !("code" in error)) return codeOf(error.errors[0]);
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
