import { statSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../database.ts";
import { scanSegment } from "./scan.ts";
import { markerOf } from "./slots.ts";

/** Whether any of these segments has data that is not in the tables, readable or not. Throws the system's error. */
export function hasUnindexed(database: Database, folder: string, segments: readonly string[]): boolean {
  const getPosition = database.prepare("SELECT position FROM log_positions WHERE name = ?");
  return segments.some((name) => {
    const file = join(folder, name);
    const from = Number(getPosition.get([name])?.["position"] ?? 0);
    const { records, unreadable } = scanSegment(file, markerOf(name), {
      from,
      end: statSync(file).size,
      isPadded: true,
    });
    return records.length > 0 || unreadable.records > 0;
  });
}
