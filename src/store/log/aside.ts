import { existsSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Unreadable } from "./scan.ts";

/** A file with a segment's name that could not be read completely, and its new path. */
export interface DamagedSegment {
  readonly name: string;
  readonly path: string;
  /** Undefined if it is not a file. */
  readonly unreadable: Unreadable | undefined;
}

const SUFFIX = ".damaged";

/** Renames a segment, so that it is not read again and its contents are not lost. Throws the system's error. */
export function setSegmentAside(folder: string, name: string, unreadable: Unreadable | undefined): DamagedSegment {
  for (let copy = 1; ; copy += 1) {
    const path = join(folder, `${name}${SUFFIX}${copy === 1 ? "" : `-${copy}`}`);
    if (existsSync(path)) continue;
    renameSync(join(folder, name), path);
    return { name, path, unreadable };
  }
}

/** A file that was kept because it could not be read completely. */
export interface KeptFile {
  readonly path: string;
  readonly bytes: number;
}

/** All kept files in the folder of the log, by name. */
export function keptFiles(folder: string): KeptFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /\.damaged(-\d+)?$/.test(file))
    .toSorted()
    .map((file) => join(folder, file))
    .map((path) => ({ path, bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 }));
}
