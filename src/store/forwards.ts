import type { HeaderPair } from "../core/delivery.ts";
import {
  type ExchangeFailure,
  type ExchangeOutcome,
  isAccepted,
  type ForwardAttempt,
  type ForwardCause,
} from "../core/exchange.ts";
import type { Database, Row } from "./database.ts";

/** Prepares the insertion of an attempt. Call the result within a transaction. */
export function prepareForward(
  database: Database,
): (place: number, deliverySeq: number, attempt: ForwardAttempt) => void {
  const insert = database.prepare(`
    INSERT INTO forwards (
      seq, delivery_seq, cause, url, started_at, duration_ms, status, headers, body, body_bytes, failure, message
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);
  const take = database.prepare(`
    UPDATE identities SET forwarded = 1 WHERE forwarded = 0 AND (environment, key) = (
      SELECT environment, identity FROM deliveries WHERE seq = ?
    )
  `);
  return (place, deliverySeq, { cause, url, outcome }) => {
    const answer =
      outcome.kind === "answered"
        ? [outcome.status, JSON.stringify(outcome.headers), outcome.body, outcome.bodyBytes, null, null]
        : [null, null, null, null, outcome.reason, outcome.message];
    insert.run([place, deliverySeq, cause, url, outcome.startedAt, outcome.durationMs, ...answer]);
    if (cause !== "edited" && isAccepted(outcome)) take.run([deliverySeq]);
  };
}

/** All attempts to forward a delivery, the oldest first. */
export function forwardsOf(database: Database, deliveryId: string): ForwardAttempt[] {
  return database
    .prepare(
      `SELECT forwards.* FROM forwards JOIN deliveries ON delivery_seq = deliveries.seq
      WHERE deliveries.id = ? ORDER BY forwards.seq`,
    )
    .all([deliveryId])
    .map((row) => readAttempt(deliveryId, row));
}

/**
 * The URL that a listener last forwarded deliveries to, without a query that a delivery added. If no listener has
 * forwarded any, the URL of the last attempt of any kind; other replays are ignored, because their target may be
 * temporary. Undefined if nothing was ever sent.
 */
export function lastForwardUrl(database: Database, environment: string | undefined): string | undefined {
  const last = (condition: string) =>
    database
      .prepare(
        `SELECT url FROM forwards JOIN deliveries ON delivery_seq = deliveries.seq
        WHERE environment = coalesce(?, environment) AND ${condition} ORDER BY forwards.seq DESC LIMIT 1`,
      )
      .get([environment ?? null]);
  const row = last("cause IN ('live', 'catch-up')") ?? last("TRUE");
  if (row === undefined) return undefined;
  const url = new URL(String(row["url"]));
  url.search = "";
  return url.href;
}

/** Converts a row of `forwards` to an attempt. */
export function readAttempt(deliveryId: string, row: Row): ForwardAttempt {
  return { deliveryId, cause: String(row["cause"]) as ForwardCause, url: String(row["url"]), outcome: outcomeOf(row) };
}

function outcomeOf(row: Row): ExchangeOutcome {
  const time = { startedAt: Number(row["started_at"]), durationMs: Number(row["duration_ms"]) };
  if (row["status"] === null) {
    const reason = String(row["failure"]) as ExchangeFailure;
    return { kind: "failed", ...time, reason, message: String(row["message"]) };
  }
  return {
    kind: "answered",
    ...time,
    status: Number(row["status"]),
    headers: JSON.parse(String(row["headers"])) as HeaderPair[],
    body: Buffer.from(row["body"] as Uint8Array),
    bodyBytes: Number(row["body_bytes"]),
  };
}
