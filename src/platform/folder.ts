import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it, for the user alone, unless they are there. Throws the system's error. Node's own
 * `recursive` never returns where a file system has no room for folders, such as /proc.
 */
export function makePrivateFolder(path: string): void {
  try {
    make(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    makePrivateFolder(parent);
    make(path);
  }
}

function make(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Whether files can be made in a folder that is there, by this user and on its file system. */
export function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const UNWRITABLE_CODES: readonly (string | undefined)[] = ["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"];

/** Whether the system has refused a write: on a read-only file system, for want of rights, or for want of room. */
export function isUnwritable(error: unknown): boolean {
  return UNWRITABLE_CODES.includes((error as NodeJS.ErrnoException | null)?.code);
}

/** The folder, or where it is not there the nearest one above it that is. */
export function existingAbove(path: string): string {
  const parent = dirname(path);
  return existsSync(path) || parent === path ? path : existingAbove(parent);
}
