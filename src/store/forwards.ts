import type { HeaderPair } from "../core/delivery.ts";
import {
  type ExchangeFailure,
  type ExchangeOutcome,
  isAccepted,
  isAtApp,
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
      seq, delivery_seq, cause, url, started_at, duration_ms, status, headers, body, body_bytes, failure, message, sent
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);
  const take = database.prepare(`
    UPDATE identities SET forwarded = 1 WHERE forwarded = 0 AND (environment, key) = (
      SELECT environment, identity FROM deliveries WHERE seq = ?
    )
  `);
  return (place, deliverySeq, { cause, url, outcome, sent = null }) => {
    const answer =
      outcome.kind === "answered"
        ? [outcome.status, JSON.stringify(outcome.headers), outcome.body, outcome.bodyBytes, null, null]
        : [null, null, null, null, outcome.reason, outcome.message];
    insert.run([place, deliverySeq, cause, url, outcome.startedAt, outcome.durationMs, ...answer, sent]);
    if (isAtApp(cause) && isAccepted(outcome)) take.run([deliverySeq]);
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

/** Where deliveries were sent, without a query that a delivery added. */
export interface LastUrls {
  /** The URL that a listener last forwarded to. */
  readonly app: string | undefined;
  /** The same, or without a listener the URL of the last attempt; other replays may have had a temporary target. */
  readonly target: string | undefined;
}

export function lastUrls(database: Database, environment: string | undefined): LastUrls {
  const last = (condition: string) =>
    database
      .prepare(
        `SELECT url FROM forwards JOIN deliveries ON delivery_seq = deliveries.seq
        WHERE environment = coalesce(?, environment) AND ${condition} ORDER BY forwards.seq DESC LIMIT 1`,
      )
      .get([environment ?? null]);
  const app = urlOf(last("cause IN ('live', 'catch-up')"));
  return { app, target: app ?? urlOf(last("TRUE")) };
}

function urlOf(row: Row | undefined): string | undefined {
  if (row === undefined) return undefined;
  const url = new URL(String(row["url"]));
  url.search = "";
  return url.href;
}

/** Converts a row of `forwards` to an attempt. */
export function readAttempt(deliveryId: string, row: Row): ForwardAttempt {
  const { cause, url, sent } = row;
  const attempt = { deliveryId, cause: String(cause) as ForwardCause, url: String(url), outcome: outcomeOf(row) };
  return sent instanceof Uint8Array ? { ...attempt, sent: Buffer.from(sent) } : attempt;
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
