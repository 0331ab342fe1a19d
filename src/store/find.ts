import type { StoredDelivery } from "../core/delivery.ts";
import { AppError } from "../core/errors.ts";
import { readRow, ROW_COLUMNS } from "./delivery-row.ts";
import type { Database } from "./database.ts";
import { listDeliveries } from "./list-query.ts";

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
