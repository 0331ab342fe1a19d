import { AppError } from "../core/errors.ts";
import type { Driver } from "./database.ts";

interface Explanation {
  readonly what: string;
  readonly hint: string;
}

const DAMAGED: Explanation = {
  what: "is damaged or is not a store of this program",
  hint: "Move it away, with its -wal and -shm files; the next start creates a new one.",
};
const BUSY: Explanation = {
  what: "is kept busy by another process",
  hint: "End the bluum-hooks process that hangs, then try again.",
};
const UNWRITABLE: Explanation = {
  what: "cannot be written",
  hint: "Check the owner and the permissions of the folder, or choose another with BLUUM_HOOKS_HOME.",
};

/** By SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const EXPLANATIONS: Readonly<Record<number, Explanation>> = {
  5: BUSY,
  6: BUSY,
  8: UNWRITABLE,
  10: { what: "cannot be read or written: the disk reports an error", hint: "Check the disk and its free space." },
  11: DAMAGED,
  13: { what: "is full, or the disk is", hint: "Free some disk space, or run: bluum-hooks events prune" },
  14: { ...UNWRITABLE, what: "cannot be opened" },
  26: DAMAGED,
};

const BUSY_CODES: readonly (number | undefined)[] = [5, 6];

export function isBusy(driver: Driver, error: unknown): boolean {
  return BUSY_CODES.includes(driver.resultCode(error));
}

/** Converts an error about a store file to `store_unavailable`. An AppError is returned unchanged. */
export function storeFailure(driver: Driver | undefined, file: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const known = EXPLANATIONS[driver?.resultCode(error) ?? codeOfFileError(error)];
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError("store_unavailable", `the store ${file} ${known?.what ?? "failed"}: ${reason}`, {
    hint: known?.hint ?? "Try again. If it fails again, move the file away; the next start creates a new one.",
    cause: error,
  });
}

/** The SQLite result code that corresponds to a file system error, which has the same explanation. */
function codeOfFileError(error: unknown): number {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") return 13;
  if (code === "EROFS") return 8;
  return code === "EIO" ? 10 : 14;
}
