import { AppError } from "../core/errors.ts";
import { isLasting, isUnsent } from "./network-failures.ts";

/** `always`: the request is idempotent. `if-unprocessed`: repeat it only if the API certainly did nothing. */
export type Repeatable = "always" | "if-unprocessed";

const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const MAX_WAIT_S = 366 * 24 * 3600;

/** Whether a retry may succeed and cannot do harm. */
export function mayRetry(error: unknown, repeatable: Repeatable): boolean {
  if (!(error instanceof AppError) || !isPassing(error)) return false;
  return repeatable === "always" || !mayHaveBeenDone(error);
}

/**
 * Whether a failed request may have been carried out, or may be carried out later. A gateway's response (502, 504,
 * 524) does not undo the request.
 */
export function mayHaveBeenDone(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  if (error.code === "api_invalid_response") return true;
  // The proxy answered, not the API.
  if (error.code === "proxy_refused") return false;
  if (error.status !== undefined) return error.status >= 500;
  return isPassing(error) && !isUnsent(error);
}

function isPassing(error: AppError): boolean {
  if (error.status !== undefined) return RETRIED_STATUSES.has(error.status);
  return (error.code === "api_unreachable" || error.code === "api_timeout") && !isLasting(error);
}

/**
 * The wait that a `Retry-After` of seconds or an HTTP date requests, in milliseconds; undefined for an invalid value.
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? "";
  if (/^\d+$/.test(value)) return Math.min(Number(value), MAX_WAIT_S) * 1000;
  // Only real HTTP dates: Date.parse finds a year in almost any text.
  const at = /^[A-Z][a-z]{2,8},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), MAX_WAIT_S * 1000);
}
