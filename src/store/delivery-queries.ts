import type { StoredDelivery } from "../core/delivery.ts";
import { readRow, ROW_COLUMNS, searchText } from "./delivery-row.ts";
import type { Database, Row } from "./database.ts";
import { conditionsOf, namedAny, wantedNames, whereAll, type Condition } from "./filter.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import { AppError } from "../core/errors.ts";

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

/**
 * Ids of resources (orders, transfers, …) that have deliveries and begin with the text, up to the limit. Seeks in the
 * index from each id to the next and skips the deliveries between.
 */
export function resourcesLike(database: Database, beginning: string, limit: number): string[] {
  // The column holds JSON literals, so the prefix is a literal without its closing quote.
  const from = JSON.stringify(beginning).slice(0, -1);
  const behind = `${from}\u{10ffff}`;
  return database
    .prepare(
      `WITH RECURSIVE ids (id) AS (
        SELECT min(resource_id) FROM deliveries WHERE resource_id >= ?1 AND resource_id < ?2
        UNION ALL
        SELECT (SELECT min(resource_id) FROM deliveries WHERE resource_id > ids.id AND resource_id < ?2)
        FROM ids WHERE ids.id IS NOT NULL
      ) SELECT id FROM ids WHERE id IS NOT NULL LIMIT ?3`,
    )
    .all([from, behind, limit])
    .map((row) => JSON.parse(String(row["id"])) as string);
}

const ID_PREFIX = "dlv_";
const CANDIDATES_SHOWN = 5;

/** One delivery by `last`, its id, or any unique prefix of the id. Throws `delivery_not_found`. */
export function findDelivery(database: Database, wanted: string): StoredDelivery {
  if (wanted === "last") {
    const [newest] = listDeliveries(database, { limit: 1 });
    if (newest !== undefined) return newest;
    throw new AppError("delivery_not_found", "no delivery has been received yet", {
      hint: "Receive one with: bluum-hooks listen, or send one with: bluum-hooks trigger event order.filled",
    });
  }
  const ids = candidates(database, wanted);
  const id = ids.includes(wanted) ? wanted : ids[0];
  if (id === undefined) {
    throw new AppError("delivery_not_found", `no delivery ID begins with ${wanted}`, {
      hint: "List the deliveries with: bluum-hooks events list",
    });
  }
  if (ids.length > 1 && id !== wanted) {
    const shown = ids.slice(0, CANDIDATES_SHOWN).join(", ");
    throw new AppError("delivery_not_found", `more than one delivery ID begins with ${wanted}`, {
      hint: `Use a longer prefix: ${shown}${ids.length > CANDIDATES_SHOWN ? ", …" : ""}`,
    });
  }
  const found = deliveryAt(database, id);
  // Deleted meanwhile.
  if (found === undefined) return findDelivery(database, wanted);
  return found;
}

/** The delivery with exactly this id. */
export function deliveryAt(database: Database, id: string): StoredDelivery | undefined {
  const row = database
    .prepare(`SELECT ${ROW_COLUMNS} FROM deliveries LEFT JOIN answers USING (seq) WHERE id = ?`)
    .get([id]);
  return row && readRow(row);
}

/** Ids that begin with the text, or with the text after their common prefix. An exact match comes first. */
function candidates(database: Database, wanted: string): string[] {
  const last = "\u{10ffff}";
  return database
    .prepare(`SELECT id FROM deliveries WHERE id >= ?1 AND id < ?2 OR id >= ?3 AND id < ?4 ORDER BY id LIMIT ?5`)
    .all([wanted, wanted + last, ID_PREFIX + wanted, ID_PREFIX + wanted + last, CANDIDATES_SHOWN + 1])
    .map((row) => String(row["id"]));
}
