import type { Changes, Database, SqlValue, Statement } from "./database.ts";

/** Rows in one statement; any number of rows is split into these sizes. */
const SIZES = [256, 64, 16, 4, 1] as const;

/** Inserts rows in order. `lastRowId` is that of the last one. */
export type InsertRows = (rows: readonly (readonly SqlValue[])[]) => Changes;

/**
 * Prepares an INSERT of many rows: one call to SQLite costs as much as inserting several rows. `target` is `INSERT
 * INTO … (…)` with this number of columns, `tail` follows the values. Call the result within a transaction.
 */
export function prepareRows(database: Database, target: string, columns: number, tail = ""): InsertRows {
  const row = `(${Array.from({ length: columns }, () => "?").join(", ")})`;
  const statements = new Map<number, Statement>();
  const statementFor = (size: number): Statement => {
    const known = statements.get(size);
    if (known !== undefined) return known;
    const values = Array.from({ length: size }, () => row).join(", ");
    const prepared = database.prepare(`${target} VALUES ${values} ${tail}`);
    statements.set(size, prepared);
    return prepared;
  };
  return (rows) => {
    let [changes, lastRowId] = [0, 0];
    for (let at = 0; at < rows.length;) {
      const size = SIZES.find((each) => each <= rows.length - at) ?? 1;
      const inserted = statementFor(size).run(rows.slice(at, at + size).flat());
      changes += inserted.changes;
      lastRowId = inserted.lastRowId;
      at += size;
    }
    return { changes, lastRowId };
  };
}
