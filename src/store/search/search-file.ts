import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Database, type Driver, inTransaction } from "../database.ts";
import { makeFile } from "../file.ts";

// The text index: which blocks of the feed contain which three characters. It is a file of its own, so that filling it
// never delays the store, versions without it can use the same store, and it can be deleted at any time.

/** Places that the index tells apart. */
export const BLOCK = 64;
/** Places that are indexed, and deleted, together. */
export const PART = 512 * BLOCK;

const VERSION = 1;
/** SQLite's CORRUPT and NOTADB. */
const DAMAGED: readonly (number | undefined)[] = [11, 26];

export function searchFile(folder: string): string {
  return join(folder, "search.db");
}

/** Opens the index; undefined if there is none, or one of another version. Throws SQLite's error. */
export function openSearchFile(driver: Driver, folder: string): Database | undefined {
  const file = searchFile(folder);
  if (!existsSync(file)) return undefined;
  const database = driver.open(file);
  try {
    // Who fills it may hold the lock for seconds, and nobody waits for that.
    database.exec("PRAGMA busy_timeout = 100");
    if (Number(database.prepare("PRAGMA user_version").get([])?.["user_version"]) === VERSION) return database;
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return undefined;
}

/** Creates the index if there is none. Throws SQLite's error. */
export function createSearchFile(driver: Driver, folder: string): Database | undefined {
  const file = searchFile(folder);
  if (existsSync(file)) return openSearchFile(driver, folder);
  makeFile(file);
  const database = driver.open(file);
  try {
    database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
    inTransaction(database, () =>
      database.exec(`
        CREATE TABLE parts (part INTEGER PRIMARY KEY, deliveries INTEGER NOT NULL, unread TEXT NOT NULL);
        PRAGMA user_version = ${VERSION};
      `),
    );
  } finally {
    database.close();
  }
  return openSearchFile(driver, folder);
}

export function isDamaged(driver: Driver, error: unknown): boolean {
  return DAMAGED.includes(driver.resultCode(error));
}

/** The table of a part. */
export function tableOf(part: number): string {
  return `grams_${part}`;
}

/** Removes parts. Throws SQLite's error. */
export function dropParts(database: Database, parts: Iterable<number>): void {
  inTransaction(database, () => {
    for (const part of parts) {
      database.exec(`DROP TABLE IF EXISTS ${tableOf(part)}`);
      database.prepare("DELETE FROM parts WHERE part = ?").run([part]);
    }
  });
  database.exec("PRAGMA incremental_vacuum");
}

/**
 * Removes the parts with deliveries that the work deletes, which are then indexed again. If that fails, the
 * thread that fills the index finds the difference.
 */
export async function forgettingParts<Result>(
  driver: Driver,
  folder: string,
  work: (onDeleted: (seqs: readonly number[]) => void) => Promise<Result>,
): Promise<Result> {
  const parts = new Set<number>();
  try {
    return await work((seqs) => {
      for (const seq of seqs) parts.add(Math.floor(seq / PART));
    });
  } finally {
    forgetParts(driver, folder, parts);
  }
}

function forgetParts(driver: Driver, folder: string, parts: ReadonlySet<number>): void {
  if (parts.size === 0) return;
  let database: Database | undefined;
  try {
    database = openSearchFile(driver, folder);
    if (database !== undefined) dropParts(database, parts);
  } catch {
    // It is busy or damaged.
  } finally {
    database?.close();
  }
}
