import { meansEvent } from "../core/events.ts";
import { searchText } from "./delivery-row.ts";
import { IS_AT_APP, IS_OK } from "./outcome.ts";
import type { Database, SqlValue } from "./database.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";

export interface Condition {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** The conditions on `deliveries` left-joined with `answers`, except the one on event names. */
export function conditionsOf(filter: DeliveryFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, parameter: SqlValue | undefined) => {
    if (parameter !== undefined) conditions.push({ sql, parameters: [parameter] });
  };
  add("environment = ?", filter.environment);
  add("received_at >= ?", filter.sinceMs);
  add("received_at < ?", filter.untilMs);
  add("resource_id = ?", map(filter.resourceId, searchText));
  add("verdict IN (SELECT value FROM json_each(?))", map(filter.verdicts, JSON.stringify));
  add("recurrence = ?", filter.recurrence);
  add("(attempt > 1) = ?", map(filter.isRepeated, Number));
  add(
    `${IS_OK} = ?`,
    map(filter.outcome, (outcome) => Number(outcome === "ok")),
  );
  add(`${IS_FORWARDED} = ?`, map(filter.isForwarded, Number));
  if (filter.dueIn !== undefined)
    conditions.push({ sql: IS_DUE, parameters: [filter.dueIn.log, filter.dueIn.afterSeq] });
  for (const text of filter.contains ?? []) {
    add(String.raw`CAST(body AS TEXT) LIKE ? ESCAPE '\'`, `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`);
  }
  add("seq > ?", filter.afterSeq);
  if (filter.after !== undefined) {
    const { receivedAt, seq } = filter.after;
    const sign = filter.order === "oldest" ? ">" : "<";
    conditions.push({ sql: `(received_at, seq) ${sign} (?, ?)`, parameters: [receivedAt, seq] });
  }
  return conditions;
}

/**
 * Whether the app has ever accepted the event: sent again, it would be a duplicate, even if the last attempt failed.
 * Without an identity, only this delivery counts.
 */
export const IS_FORWARDED = `(CASE WHEN identity IS NULL
  THEN EXISTS (
    SELECT 1 FROM forwards f
    WHERE f.delivery_seq = deliveries.seq AND ${IS_AT_APP} AND f.status BETWEEN 200 AND 299
  )
  ELSE EXISTS (
    SELECT 1 FROM identities i
    WHERE i.environment = deliveries.environment AND i.key = deliveries.identity AND i.forwarded = 1
  )
END)`;

/** Whether a delivery from a team's log is still to be forwarded: the app has not answered it. */
const IS_DUE = `(
  seq IN (SELECT t.seq FROM team_deliveries t WHERE t.log = ? AND t.due = 1 AND t.log_seq > ?)
  AND NOT EXISTS (
    SELECT 1 FROM forwards f WHERE f.delivery_seq = deliveries.seq AND ${IS_AT_APP} AND f.status IS NOT NULL
  )
)`;

function map<Value, Result>(value: Value | undefined, make: (value: Value) => Result): Result | undefined {
  return value === undefined ? undefined : make(value);
}

/** The WHERE clause that combines all conditions, and its parameters. */
export function whereAll(conditions: readonly Condition[]): { readonly sql: string; readonly parameters: SqlValue[] } {
  return {
    sql: `WHERE ${["TRUE", ...conditions.map((condition) => condition.sql)].join(" AND ")}`,
    parameters: conditions.flatMap((condition) => condition.parameters),
  };
}

/** One condition for several names; in commit order, which the index on names would break. */
export function namedAny(names: readonly string[], { isInOrder }: { readonly isInOrder: boolean }): Condition {
  return {
    sql: `${isInOrder ? "+" : ""}event IN (SELECT value FROM json_each(?))`,
    parameters: [JSON.stringify(names.map((name) => searchText(name)))],
  };
}

/** The stored event names that match the filter's patterns; undefined if every name matches. */
export function wantedNames(database: Database, { events }: DeliveryFilter): string[] | undefined {
  if (events === undefined) return undefined;
  return eventNames(database).filter((name) => events.some((pattern) => meansEvent(pattern, name)));
}

/** All stored event names. Seeks in the index from each name to the next and skips the deliveries between. */
function eventNames(database: Database): string[] {
  return database
    .prepare(
      `WITH RECURSIVE names (event) AS (
        SELECT min(event) FROM deliveries
        UNION ALL
        SELECT (SELECT min(event) FROM deliveries WHERE event > names.event) FROM names WHERE names.event IS NOT NULL
      ) SELECT event FROM names WHERE event IS NOT NULL`,
    )
    .all([])
    .map((row) => JSON.parse(String(row["event"])) as string);
}
