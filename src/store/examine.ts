import { statSync } from "node:fs";
import type { Database } from "./driver.ts";

/** How a store is, for whoever wonders. */
export interface StoreHealth {
  readonly file: string;
  readonly schemaVersion: number;
  readonly deliveries: number;
  /** Of the file and its log. */
  readonly bytes: number;
  /** What SQLite finds wrong with the file; null if nothing. */
  readonly damage: string | null;
}

export function examineStore(database: Database, file: string): StoreHealth {
  const first = (sql: string) => Object.values(database.prepare(sql).get([]) ?? {})[0];
  const verdict = String(first("PRAGMA quick_check(1)"));
  return {
    file,
    schemaVersion: Number(first("PRAGMA user_version")),
    deliveries: Number(first("SELECT count(*) FROM deliveries")),
    bytes: sizeOf(file) + sizeOf(`${file}-wal`),
    damage: verdict === "ok" ? null : verdict,
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
