import { accessSync, closeSync, constants, existsSync, openSync, statSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "../platform/folder.ts";
import { BUSY_SLICE_MS, type WhileBusy } from "./busy.ts";
import type { Database, Driver } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { migrate } from "./migrations.ts";

/** Maximum pages in the write-ahead log before a checkpoint: fewer, larger checkpoints cost less in total. */
export const CHECKPOINT_PAGES = 4_000;

/** Whether the folder contains a store. */
export function hasStore(folder: string): boolean {
  return existsSync(storeFile(folder));
}

/** Whether a store exists and this process may write to all of it. Throws the system's error if that is unclear. */
export function isStoreWritable(folder: string): boolean {
  if (statOf(storeFile(folder)) === undefined) return false;
  try {
    proveWritable(folder);
    return true;
  } catch {
    return false;
  }
}

/** Throws the system's error for the first part of an existing store that may not be written. */
export function proveWritable(folder: string): void {
  const file = storeFile(folder);
  for (const path of [folder, join(folder, "log"), join(folder, "locks"), file, `${file}-wal`, `${file}-shm`]) {
    try {
      accessSync(path, constants.W_OK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/**
 * Undefined if the file does not exist. Throws the system's error if that is unclear, as below a path that is a file.
 */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    // With `throwIfNoEntry: false` some versions of Node.js ignore further errors.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function storeFile(folder: string): string {
  return join(folder, "store.db");
}

/** Creates the folder, readable by its owner alone. */
export function makeFolder(folder: string): void {
  try {
    makePrivateFolder(folder);
  } catch (error) {
    throw storeFailure(undefined, folder, error);
  }
}

/**
 * Creates the file, readable by its owner alone, before SQLite would create it readable by all. An existing file is
 * not opened: closing it again would release the locks that this process holds on it.
 */
export function makeFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw storeFailure(undefined, file, error);
  }
}

/** Opens the store's file and migrates it to the newest schema. Throws SQLite's error, or `store_too_new`. */
export async function openStoreFile(driver: Driver, file: string, whileBusy: WhileBusy): Promise<Database> {
  makeFile(file);
  // Two processes that set WAL on the same new file can get BUSY without waiting.
  return whileBusy(() => {
    const database = driver.open(file);
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_SLICE_MS}`);
      // Allows deleted pages to be returned to the disk. In a file that has pages, setting it would be a write.
      const isNew = Number(database.prepare("PRAGMA page_count").get([])?.["page_count"]) === 0;
      if (isNew) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      // FULL: a commit is on disk when it returns, even if the power fails.
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      `);
      migrate(database, file);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}
