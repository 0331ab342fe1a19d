import { AppError } from "../core/errors.ts";
import { proxyName, type Proxy } from "../core/proxy.ts";
import { proxyFailure, type ProxyFailure } from "../platform/proxy-tunnel.ts";
import type { Redact } from "./redact-exchange.ts";

interface NetworkFailure {
  readonly reason: string;
  readonly hint?: string;
  /** The request was never sent, so repeating it cannot do anything twice. */
  readonly isUnsent?: true;
  /** A retry would fail in the same way. */
  readonly isLasting?: true;
}

const CHECK_HOST = "Check the base URL and your network connection.";
const CHECK_CERTIFICATE = "Check the base URL, the clock of this machine, and whether a proxy intercepts TLS.";

/** Connection failures, by error code of the system or undici. */
const NETWORK_FAILURES: Readonly<Record<string, NetworkFailure>> = {
  ECONNREFUSED: { reason: "connection refused", hint: CHECK_HOST, isUnsent: true },
  ENOTFOUND: { reason: "DNS lookup failed: unknown host", hint: CHECK_HOST, isUnsent: true },
  EAI_AGAIN: { reason: "DNS lookup failed", hint: CHECK_HOST, isUnsent: true },
  EHOSTUNREACH: { reason: "no route to the host", hint: CHECK_HOST, isUnsent: true },
  ENETUNREACH: { reason: "the network is unreachable", hint: CHECK_HOST, isUnsent: true },
  UND_ERR_CONNECT_TIMEOUT: { reason: "timed out while connecting", hint: CHECK_HOST, isUnsent: true },
  ECONNRESET: { reason: "the connection was reset" },
  EPIPE: { reason: "the connection was closed" },
  UND_ERR_SOCKET: { reason: "the connection was closed" },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { reason: "the response does not match its content-length" },
  EPROTO: {
    reason: "the server does not use TLS on this port",
    hint: "Check whether the base URL should begin with http://.",
    isUnsent: true,
    isLasting: true,
  },
};

/** Codes of invalid certificates, and of errors that undici raises for invalid arguments. */
const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;
const OUR_MISTAKE = /^UND_ERR_(INVALID|NOT_SUPPORTED)/;

/**
 * The error of a request without a complete response. Its cause keeps the code and the message, but nothing of the
 * request.
 */
export function networkError(
  thrown: unknown,
  { origin, call, proxy, redact }: { origin: string; call: string; proxy: Proxy | undefined; redact: Redact },
): AppError {
  const failure = proxyFailure(thrown, proxy);
  if (proxy !== undefined && failure?.kind === "refused") return refusalOfProxy(failure, proxy, origin, call);
  const code = codeOf(thrown);
  const text = redact(thrown instanceof Error ? thrown.message : String(thrown));
  const cause = Object.assign(new Error(text), { code });
  if (OUR_MISTAKE.test(code)) return new AppError("internal", `cannot send ${call}: ${text}`, { cause });
  if (proxy !== undefined && failure !== undefined) {
    const hint = `Check ${proxy.variable}, or exclude the host with NO_PROXY=${new URL(origin).hostname}.`;
    const message = `cannot reach the API at ${origin} for ${call}: ${failure.message}`;
    return new AppError("api_unreachable", message, { hint, cause });
  }
  const { reason, hint } = failureOf(code) ?? { reason: text || code, hint: CHECK_HOST };
  return new AppError("api_unreachable", `cannot reach the API at ${origin} for ${call}: ${reason}`, { hint, cause });
}

/** What the user can do if a proxy rejects a request. */
const PROXY_HINTS: Readonly<Record<number, (variable: string) => string>> = {
  403: () => "Ask the proxy's administrator to allow this host.",
  407: (variable) =>
    `Put a user and a password that it accepts before the host in ${variable}, with special characters percent-encoded.`,
};

export function refusalOfProxy(
  { status, message }: ProxyFailure,
  proxy: Proxy,
  origin: string,
  call: string,
): AppError {
  const { hostname } = new URL(origin);
  const known = status === undefined ? undefined : PROXY_HINTS[status]?.(proxy.variable);
  return new AppError("proxy_refused", `cannot reach the API at ${origin} for ${call}: ${message}`, {
    hint: `${known ?? `See whether ${proxyName(proxy)} can reach ${hostname}.`} Without the proxy: NO_PROXY=${hostname}`,
    status,
  });
}

/** Whether the failed request certainly never reached the API. */
export function isUnsent(error: AppError): boolean {
  return failureOf(codeOf(error.cause))?.isUnsent === true;
}

export function isLasting(error: AppError): boolean {
  return failureOf(codeOf(error.cause))?.isLasting === true;
}

function failureOf(code: string): NetworkFailure | undefined {
  if (Object.hasOwn(NETWORK_FAILURES, code)) return NETWORK_FAILURES[code];
  if (!BAD_CERTIFICATE.test(code)) return undefined;
  return {
    reason: `invalid TLS certificate (${code})`,
    hint: CHECK_CERTIFICATE,
    isUnsent: true,
    isLasting: true,
  };
}

/** If a host has several addresses, the codes are one level deeper. */
function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && !("code" in thrown)) return codeOf(thrown.errors[0]);
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "";
}
