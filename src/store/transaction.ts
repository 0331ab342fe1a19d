import type { Database } from "./database.ts";

/**
 * Runs `work` in a transaction that takes the write lock at its start, so that the data it reads cannot change before
 * it writes. Once this returns, the writes are on disk. After an error nothing is written.
 */
export function inTransaction<Result>(database: Database, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled back, as it does when the disk is full.
    }
    throw error;
  }
}
