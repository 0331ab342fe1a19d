import { existsSync, statSync } from "node:fs";
import { keptFiles, type KeptFile } from "./log/aside.ts";
import type { Database } from "./database.ts";

/** How a store is, for whoever wonders. */
export interface StoreHealth {
  readonly file: string;
  /** Whether there is one. */
  readonly isThere: boolean;
  readonly schemaVersion: number;
  readonly deliveries: number;
  /** Of the file and its log. */
  readonly bytes: number;
  /** What SQLite finds wrong with the file; null if nothing. */
  readonly damage: string | null;
  /** Parts of the log that could not be read whole. */
  readonly keptFiles: readonly KeptFile[];
}

export function examineStore(database: Database, file: string, logFolder: string): StoreHealth {
  const first = (sql: string) => Object.values(database.prepare(sql).get([]) ?? {})[0];
  const verdict = String(first("PRAGMA quick_check(1)"));
  return {
    file,
    isThere: existsSync(file),
    schemaVersion: Number(first("PRAGMA user_version")),
    deliveries: Number(first("SELECT count(*) FROM deliveries")),
    bytes: bytesOf(file),
    damage: verdict === "ok" ? null : verdict,
    keptFiles: keptFiles(logFolder),
  };
}

/** How large a database is, with its write-ahead log. */
export function bytesOf(file: string): number {
  return sizeOf(file) + sizeOf(`${file}-wal`);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
