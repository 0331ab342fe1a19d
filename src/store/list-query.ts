import type { StoredDelivery } from "../core/delivery.ts";
import { readRow, ROW_COLUMNS, searchText } from "./delivery-row.ts";
import type { Database, Row } from "./database.ts";
import { conditionsOf, namedAny, wantedNames, whereAll, type Condition } from "./filter.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";

export function listDeliveries(database: Database, filter: DeliveryFilter): StoredDelivery[] {
  const conditions = conditionsOf(filter);
  const names = wantedNames(database, filter);
  if (names === undefined) return select(database, conditions, filter).map(readRow);
  // There is no index by name in commit order: all new rows are read, which are few.
  if (filter.afterSeq !== undefined) {
    return select(database, [...conditions, namedAny(names, { isInOrder: true })], filter).map(readRow);
  }
  // One index lookup for each name: a rare event is found without reading the frequent ones.
  return names
    .flatMap((name) => select(database, [...conditions, { sql: "event = ?", parameters: [searchText(name)] }], filter))
    .toSorted(comparison(filter))
    .slice(0, filter.limit)
    .map(readRow);
}

function select(database: Database, conditions: readonly Condition[], filter: DeliveryFilter): Row[] {
  const direction = filter.order === "oldest" ? "ASC" : "DESC";
  const { sql, parameters } = whereAll(conditions);
  return database
    .prepare(
      `SELECT ${ROW_COLUMNS} FROM deliveries LEFT JOIN answers USING (seq) ${sql}
      ORDER BY ${filter.afterSeq === undefined ? `received_at ${direction}, seq ${direction}` : "seq"} LIMIT ?`,
    )
    .all([...parameters, filter.limit ?? -1]);
}

function comparison({ order }: DeliveryFilter): (one: Row, other: Row) => number {
  const sign = order === "oldest" ? 1 : -1;
  return (one, other) => sign * (difference("received_at", one, other) || difference("seq", one, other));
}

function difference(column: string, one: Row, other: Row): number {
  return Number(one[column]) - Number(other[column]);
}
