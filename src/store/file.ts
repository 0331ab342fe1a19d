import { accessSync, closeSync, constants, existsSync, openSync, statSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "../platform/folder.ts";
import { BUSY_SLICE_MS, type WhileBusy } from "./busy.ts";
import type { Database, Driver } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { migrate } from "./migrations.ts";

/** Pages in the write-ahead log before they go to their places: fewer, larger rounds cost less in all. */
export const CHECKPOINT_PAGES = 4_000;

/** Whether anything was ever stored in the folder. */
export function hasStore(folder: string): boolean {
  return existsSync(storeFile(folder));
}

/** Whether a store is there, and this process may write to all of it. Throws the system's error where that cannot be seen. */
export function isStoreWritable(folder: string): boolean {
  if (statOf(storeFile(folder)) === undefined) return false;
  try {
    proveWritable(folder);
    return true;
  } catch {
    return false;
  }
}

/** Throws the system's error for the first part of a store that is there and may not be written. */
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

/** Undefined for what is not there. Throws the system's error where that cannot be seen, as behind a file. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    // With `throwIfNoEntry: false` some versions of Node.js pass over more than this.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function storeFile(folder: string): string {
  return join(folder, "store.db");
}

/** Makes the folder, readable by its owner alone. */
export function makeFolder(folder: string): void {
  try {
    makePrivateFolder(folder);
  } catch (error) {
    throw storeFailure(undefined, folder, error);
  }
}

/**
 * Makes the file, readable by its owner alone, before SQLite would make it readable by all. A file that is there is not
 * even opened: closing it again would drop the locks that this process holds on it.
 */
export function makeFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw storeFailure(undefined, file, error);
  }
}

/** Opens the store's file with the newest schema. Throws what SQLite says, or `store_too_new`. */
export async function openStoreFile(driver: Driver, file: string, whileBusy: WhileBusy): Promise<Database> {
  makeFile(file);
  // Two processes that turn the same new file to WAL can get BUSY without having waited.
  return whileBusy(() => {
    const database = driver.open(file);
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_SLICE_MS}`);
      // What is deleted can be given back to the disk. In a file that has pages, asking for it would be a write.
      const isNew = Number(database.prepare("PRAGMA page_count").get([])?.["page_count"]) === 0;
      if (isNew) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      // FULL: a commit has reached the disk when it returns, whatever happens to the power then.
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
