export type SqlValue = string | number | null | Uint8Array;

export type Row = Readonly<Record<string, SqlValue>>;

export interface Changes {
  /** Number of rows inserted, updated or deleted. */
  readonly changes: number;
  readonly lastRowId: number;
}

export interface Statement {
  run(parameters: readonly SqlValue[]): Changes;
  get(parameters: readonly SqlValue[]): Row | undefined;
  all(parameters: readonly SqlValue[]): Row[];
}

/** One connection to one SQLite file. Synchronous: SQLite reads from the page cache, and commits are grouped. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** The functions of a SQLite library that the store needs. */
export interface Driver {
  readonly name: "node:sqlite" | "libsql";
  /** Opens or creates the file. Throws the library's own error. */
  open(file: string): Database;
  /** SQLite's primary result code (5 is BUSY, 13 is FULL, …) of an error that this driver threw. */
  resultCode(error: unknown): number | undefined;
}

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
