import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder and its missing parents, readable by the user alone. Throws the system's error. Node's own
 * `recursive` option never returns on file systems that cannot hold folders, such as /proc.
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

/** Whether this user can create files in an existing folder. */
export function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const UNWRITABLE_CODES: readonly (string | undefined)[] = ["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT"];

/** Whether the system rejected a write: read-only file system, missing permission, or no space. */
export function isUnwritable(error: unknown): boolean {
  return UNWRITABLE_CODES.includes((error as NodeJS.ErrnoException | null)?.code);
}

/** The folder, or its nearest existing parent. */
export function existingAbove(path: string): string {
  const parent = dirname(path);
  return existsSync(path) || parent === path ? path : existingAbove(parent);
}
