import type { Database } from "./database.ts";

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
