import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "./database.ts";
import { BUSY_SLICE_MS, type WhileBusy } from "./busy.ts";

/** Moved at a time, so that a listener goes on meanwhile: 2 MB. */
const PAGES_AT_ONCE = 512;
const INCREMENTAL = 2;
/** How long it waits for readers in the write-ahead log: the next writer brings it in otherwise. */
const READERS_MS = 500;

/** SQLite does so by itself at the last close, unless a driver keeps the file open. What fails is done by the next one. */
export function bringInJournal(database: Database): void {
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // Nothing is lost.
  }
}

/**
 * Gives the room of deleted rows back to the disk. In files of early versions, which cannot give back a part, everything
 * is rewritten if `mayRebuild`: that takes as much room again as is left in use, and keeps other writers waiting.
 * Throws what SQLite says, with nothing lost.
 */
export async function releaseSpace(
  database: Database,
  whileBusy: WhileBusy,
  { mayRebuild }: { readonly mayRebuild: boolean },
): Promise<void> {
  const pragma = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get([]) ?? {})[0]);
  if (pragma("auto_vacuum") !== INCREMENTAL) {
    if (!mayRebuild || pragma("freelist_count") === 0) return;
    await whileBusy(() => database.exec(`PRAGMA auto_vacuum = ${INCREMENTAL}; VACUUM`));
  }
  for (let free = pragma("freelist_count"); free > 0; await nextTurn()) {
    await whileBusy(() => database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`));
    const left = pragma("freelist_count");
    if (left >= free) break;
    free = left;
  }
  // The file becomes shorter when its write-ahead log is brought in, and the log itself when nobody reads in it.
  if (!mayRebuild) return database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  database.exec(`
    PRAGMA busy_timeout = ${READERS_MS};
    PRAGMA wal_checkpoint(TRUNCATE);
    PRAGMA busy_timeout = ${BUSY_SLICE_MS};
  `);
}
