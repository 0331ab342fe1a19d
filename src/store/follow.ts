import type { Answer } from "../core/delivery.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { readAnswer } from "./answer-row.ts";
import type { Database } from "./database.ts";
import { readAttempt } from "./forwards.ts";

/** How far the store has come. What is committed later has larger numbers, whichever process commits it. */
export interface Position {
  readonly deliverySeq: number;
  readonly forwardSeq: number;
}

export interface LoggedForward extends ForwardAttempt {
  readonly seq: number;
  readonly deliverySeq: number;
}

/** Which attempts, all conditions together. */
export interface ForwardFilter {
  readonly deliveryId?: string | undefined;
  readonly afterSeq?: number | undefined;
  /** This one and those before it. */
  readonly untilSeq?: number | undefined;
  readonly limit?: number | undefined;
}

export function positionOf(database: Database): Position {
  const row = database
    .prepare("SELECT (SELECT max(seq) FROM deliveries) AS deliveries, (SELECT max(seq) FROM forwards) AS forwards")
    .get([]);
  return { deliverySeq: Number(row?.["deliveries"] ?? 0), forwardSeq: Number(row?.["forwards"] ?? 0) };
}

/** Attempts to forward in the order they were committed. */
export function forwardLog(database: Database, filter: ForwardFilter): LoggedForward[] {
  const one = filter.deliveryId === undefined ? "" : "AND delivery_seq = (SELECT seq FROM deliveries WHERE id = ?)";
  return database
    .prepare(
      `SELECT forwards.*, (SELECT id FROM deliveries WHERE seq = delivery_seq) AS id FROM forwards
      WHERE forwards.seq > ? AND forwards.seq <= ? ${one} ORDER BY forwards.seq LIMIT ?`,
    )
    .all([
      filter.afterSeq ?? 0,
      filter.untilSeq ?? Number.MAX_SAFE_INTEGER,
      ...(filter.deliveryId === undefined ? [] : [filter.deliveryId]),
      filter.limit ?? -1,
    ])
    .map((row) => ({
      ...readAttempt(String(row["id"]), row),
      seq: Number(row["seq"]),
      deliverySeq: Number(row["delivery_seq"]),
    }));
}

/** What these deliveries were answered, as far as they were. */
export function answersTo(database: Database, deliveryIds: readonly string[]): Map<string, Answer> {
  const rows = database
    .prepare(
      `SELECT id, status, duration_ms FROM deliveries JOIN answers USING (seq)
      WHERE id IN (SELECT value FROM json_each(?))`,
    )
    .all([JSON.stringify(deliveryIds)]);
  return new Map(
    rows.map((row) => [String(row["id"]), readAnswer([Number(row["status"]), Number(row["duration_ms"])])]),
  );
}
