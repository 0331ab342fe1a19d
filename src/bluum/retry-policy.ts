import { AppError } from "../core/errors.ts";
import { isLasting, isUnsent } from "./network-failures.ts";

/** `always`: doing it twice is doing it once. `if-unprocessed`: only when the API certainly did nothing. */
export type Repeatable = "always" | "if-unprocessed";

const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const MAX_WAIT_S = 366 * 24 * 3600;

/** Whether trying again may help, and cannot do harm. */
export function mayRetry(error: unknown, repeatable: Repeatable): boolean {
  if (!(error instanceof AppError) || !isPassing(error)) return false;
  return repeatable === "always" || !mayHaveBeenDone(error);
}

/**
 * Whether a request that failed so may have been carried out all the same, or may be later. A gateway that answers for the
 * API (502, 504, 524) does not undo the request.
 */
export function mayHaveBeenDone(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  if (error.code === "api_invalid_response") return true;
  // It was the proxy that answered.
  if (error.code === "proxy_refused") return false;
  if (error.status !== undefined) return error.status >= 500;
  return isPassing(error) && !isUnsent(error);
}

function isPassing(error: AppError): boolean {
  if (error.status !== undefined) return RETRIED_STATUSES.has(error.status);
  return (error.code === "api_unreachable" || error.code === "api_timeout") && !isLasting(error);
}

/** Milliseconds to wait by a `Retry-After` of seconds or an HTTP date; undefined where it says nothing usable. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? "";
  if (/^\d+$/.test(value)) return Math.min(Number(value), MAX_WAIT_S) * 1000;
  // Only real HTTP dates: Date.parse would find a year in almost anything.
  const at = /^[A-Z][a-z]{2,8},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), MAX_WAIT_S * 1000);
}
