import type { Outcome } from "../core/delivery.ts";

// For queries of `deliveries` left-joined with `answers`. Everything that lists or counts failures uses these.

/** Whether an attempt `f` says something about the app and its delivery, as `isAtApp` does. */
export const IS_AT_APP = "f.cause NOT IN ('edited', 'elsewhere')";

/** The attempt that decides whether a delivery succeeded: the last one to the app, with the delivery's own payload. */
export const DECISIVE_FORWARD = `
  SELECT f.seq FROM forwards f WHERE f.delivery_seq = deliveries.seq AND ${IS_AT_APP}
  ORDER BY f.seq DESC LIMIT 1`;

/**
 * Whether a delivery succeeded: 1, 0, or null without an answer. An attempt that was accepted after the sender closed
 * the connection (status 0 in `answers`) counts as failed, as it did for the sender.
 */
export const IS_OK = `coalesce((
  SELECT coalesce(d.status, 0) BETWEEN 200 AND 299 AND (d.cause <> 'live' OR answers.status IS NOT 0)
  FROM forwards d WHERE d.seq = (${DECISIVE_FORWARD})
), answers.status BETWEEN 200 AND 299)`;

/** The property for a value of `IS_OK`. */
export function readOutcome(isOk: unknown): { readonly outcome?: Outcome } {
  return typeof isOk === "number" ? { outcome: isOk === 1 ? "ok" : "failed" } : {};
}
