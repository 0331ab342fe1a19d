import type { Recurrence, Verdict } from "../core/delivery.ts";
import type { Database, Row, SqlValue } from "./database.ts";
import { conditionsOf, IS_FORWARDED, namedAny, wantedNames, whereAll } from "./filter.ts";
import { IS_AT_APP, IS_OK, readOutcome } from "./outcome.ts";
import { SLOW_ANSWER_MS } from "../core/delivery-policy.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import type { DeliveryCount, StoreStats } from "../core/delivery-stats.ts";

const SOURCE = "FROM deliveries LEFT JOIN answers USING (seq)";
const SENT_TO_APP = `SELECT f.delivery_seq FROM forwards f WHERE ${IS_AT_APP}`;

/** The number of deliveries that match the filter. Its limit, order and pages are ignored. */
export function countDeliveries(database: Database, filter: DeliveryFilter): number {
  const { sql, parameters } = chosen(database, filter);
  return Number(database.prepare(`SELECT count(*) AS count ${SOURCE} ${sql}`).get(parameters)?.["count"]);
}

/** Statistics of the deliveries that match the filter, after `afterSeq`, calculated by SQLite without reading a body. */
export function storeStats(database: Database, filter: DeliveryFilter): StoreStats {
  const { sql, parameters } = chosen(database, filter);
  const all = (query: string, more: readonly SqlValue[] = []) => database.prepare(query).all([...parameters, ...more]);
  // With the plus sign the rows are read in their own order; the index of names would visit them at random.
  const deliveries = all(
    `SELECT +event AS event, verdict, recurrence, status / 100 AS class, ${IS_OK} AS is_ok, count(*) AS count,
      min(received_at) AS first_at, max(received_at) AS last_at,
      sum(status > 0 AND duration_ms > ${SLOW_ANSWER_MS}) AS slow
    ${SOURCE} ${sql} GROUP BY 1, 2, 3, 4, 5`,
  );
  const tried = `FROM forwards f WHERE f.delivery_seq IN (SELECT seq ${SOURCE} ${sql})`;
  const attempts = all(
    `SELECT coalesce(f.status / 100, f.failure) AS outcome, count(*) AS count ${tried} AND ${IS_AT_APP} GROUP BY 1`,
  ).map((row) => ({
    outcome: typeof row["outcome"] === "number" ? row["outcome"] : String(row["outcome"]),
    count: Number(row["count"]),
  }));
  const [sent] = all(
    `SELECT sum(NOT is_asked AND is_accepted) AS forwarded, sum(NOT is_asked AND NOT is_accepted) AS failed,
      sum(is_asked) AS replays
    FROM (
      SELECT f.cause NOT IN ('live', 'catch-up') AS is_asked,
        coalesce(f.status BETWEEN 200 AND 299, 0) AND NOT (f.cause = 'live' AND EXISTS (
          SELECT 1 FROM answers a WHERE a.seq = f.delivery_seq AND a.status = 0
        )) AS is_accepted
      ${tried}
    )`,
  );
  const [events] = all(
    `SELECT sum(NOT is_accepted) AS undelivered FROM (
      SELECT max(${IS_FORWARDED}) AS is_accepted ${SOURCE} ${sql} AND seq IN (${SENT_TO_APP})
      GROUP BY environment, identity, iif(identity IS NULL, seq, NULL)
    )`,
  );
  const answered = attempts.reduce((sum, { outcome, count }) => sum + (typeof outcome === "number" ? count : 0), 0);
  const percentile = (part: number): number | null => {
    if (answered === 0) return null;
    const [row] = all(
      `SELECT f.duration_ms ${tried} AND ${IS_AT_APP} AND f.status IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET ?`,
      [Math.ceil(answered * part) - 1],
    );
    return Number(row?.["duration_ms"]);
  };
  return {
    deliveries: deliveries.map(readCount),
    attempts,
    slowAnswers: deliveries.reduce((sum, row) => sum + Number(row["slow"] ?? 0), 0),
    forwarded: Number(sent?.["forwarded"] ?? 0),
    failed: Number(sent?.["failed"] ?? 0),
    replays: Number(sent?.["replays"] ?? 0),
    undelivered: Number(events?.["undelivered"] ?? 0),
    medianMs: percentile(0.5),
    p95Ms: percentile(0.95),
  };
}

function chosen(database: Database, { after: _after, ...filter }: DeliveryFilter) {
  const names = wantedNames(database, filter);
  return whereAll([...conditionsOf(filter), ...(names === undefined ? [] : [namedAny(names, { isInOrder: false })])]);
}

function readCount(row: Row): DeliveryCount {
  return {
    event: row["event"] === null ? null : (JSON.parse(String(row["event"])) as string),
    verdict: row["verdict"] as Verdict,
    recurrence: row["recurrence"] as Recurrence["kind"],
    answerClass: row["class"] === null ? null : Number(row["class"]),
    ...readOutcome(row["is_ok"]),
    count: Number(row["count"]),
    firstAt: Number(row["first_at"]),
    lastAt: Number(row["last_at"]),
  };
}
