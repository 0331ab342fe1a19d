import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "./database.ts";
import { BUSY_SLICE_MS, type WhileBusy } from "./busy.ts";

/** Pages moved at a time (2 MB), so that a listener can continue. */
const PAGES_AT_ONCE = 512;
const INCREMENTAL = 2;
/** How long to wait for readers of the write-ahead log: otherwise the next writer checkpoints it. */
const READERS_MS = 500;

/**
 * Checkpoints the write-ahead log. SQLite does so itself at the last close, unless a driver keeps the file open.
 * After a failure, the next close repeats it.
 */
export function bringInJournal(database: Database): void {
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // Nothing is lost.
  }
}

/**
 * Returns the space of deleted rows to the disk. Files of early versions, which cannot return a part, are rewritten
 * completely if `mayRebuild`: that needs as much additional space as is in use, and blocks other writers. Throws
 * SQLite's error, with nothing lost.
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
  // A checkpoint of the write-ahead log shortens the file, and the log itself if it has no readers.
  if (!mayRebuild) return database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  database.exec(`
    PRAGMA busy_timeout = ${READERS_MS};
    PRAGMA wal_checkpoint(TRUNCATE);
    PRAGMA busy_timeout = ${BUSY_SLICE_MS};
  `);
}
