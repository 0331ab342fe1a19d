import { AppError } from "../core/errors.ts";
import { proxyName, type Proxy } from "../core/proxy.ts";
import { codeOf, networkFailure, NO_TLS } from "../platform/network-failure.ts";
import { proxyFailure, type ProxyFailure } from "../platform/proxy-tunnel.ts";
import type { Redact } from "./redact-exchange.ts";

/** Errors that Node raises for invalid arguments. */
const OUR_MISTAKE = /^ERR_(INVALID|HTTP_INVALID|UNESCAPED)/;

/**
 * The error of a request without a complete response. Its cause keeps the code and the message, nothing of the
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
  const [reason, why] = networkFailure(cause);
  const hint = reason === "tls" ? tlsHint(why) : "Check the base URL and your network connection.";
  return new AppError("api_unreachable", `cannot reach the API at ${origin} for ${call}: ${why}`, { hint, cause });
}

function tlsHint(why: string): string {
  return why === NO_TLS
    ? "Check whether the base URL should begin with http://."
    : "Check the base URL, the clock of this machine, and whether a proxy intercepts TLS.";
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

/**
 * Whether the request certainly never reached the API, so that repeating it is safe. A system timeout may also belong
 * to a connection on which the request was sent.
 */
export function isUnsent({ cause }: AppError): boolean {
  const [reason] = networkFailure(cause);
  return reason === "refused" || reason === "tls" || (reason === "unreachable" && codeOf(cause) !== "ETIMEDOUT");
}

/** Whether a retry would fail in the same way. */
export function isLasting({ cause }: AppError): boolean {
  return networkFailure(cause)[0] === "tls";
}
