import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AppError } from "../core/errors.ts";
import { BUSY_SLICE_MS } from "./busy.ts";
import { copyStore, type UnwritableStore } from "./copy.ts";
import type { Database, Driver } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { statOf, storeFile } from "./file.ts";
import { readSegmentName, markerOf } from "./log/slots.ts";
import { isHeld, lockFile } from "./locks.ts";
import { migrate, MIGRATIONS, tooNew, versionOf } from "./migrations.ts";
import { leftoverNotice } from "./notices.ts";
import { scanSegment } from "./log/scan.ts";

/** A database for queries. */
interface View {
  readonly database: Database;
  /** Whether it shows the file's current content. */
  isCurrent(): boolean;
  close(): Promise<void>;
}

/** SQLite's READONLY and CANTOPEN: reading this file would require writing to it or creating a file. */
const NEEDS_WRITING: readonly (number | undefined)[] = [8, 14];
/** A changing file is not copied for each read; the minimum interval is this multiple of the last copy's duration. */
const COPY_REST = 10;

/**
 * Opens a view of a store in a folder that cannot be written. The file is read in place if it contains all stored
 * data. If something must be written first, an older schema or the log of a killed process, this is done in a
 * temporary copy. Rejects with errors of SQLite or the system, or with `store_too_new`.
 */
export async function openView(options: UnwritableStore): Promise<View> {
  const { driver, folder, whileBusy, onNotice } = options;
  const file = storeFile(folder);
  const stamp = stampOf(file);
  const isCurrent = () => stampOf(file) === stamp;
  if (stamp === NO_FILE) return emptyView(driver, file, isCurrent);
  const segments = segmentsOfTheDead(driver, folder);
  const inPlace = await whileBusy(() => openInPlace(driver, file));
  if (inPlace?.version === 0) {
    // Its first process has just created it.
    inPlace.database.close();
    return emptyView(driver, file, isCurrent);
  }
  const isNewest = inPlace?.version === MIGRATIONS.length;
  if (isNewest && !hasUnindexed(inPlace.database, join(folder, "log"), segments)) return viewOf(inPlace, isCurrent);
  // Copying opens and closes the file, which would release the locks that an open connection of this process has on
  // it.
  inPlace?.database.close();
  try {
    const startedAt = performance.now();
    const { database, close } = await copyStore({ ...options, file, segments, stampOf: () => stampOf(file) });
    const madeAt = performance.now();
    const restMs = COPY_REST * (madeAt - startedAt);
    return { database, close, isCurrent: () => performance.now() - madeAt < restMs || isCurrent() };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isNewest) throw uncopied(driver, file, error);
    onNotice(leftoverNotice(uncopied(driver, file, error)));
    const again = await whileBusy(() => openInPlace(driver, file));
    if (again === undefined) throw uncopied(driver, file, error);
    return viewOf(again, isCurrent);
  }
}

function uncopied(driver: Driver, file: string, error: unknown): AppError {
  if (error instanceof AppError && error.code === "store_too_new") return tooNew(file);
  const { message, code } = storeFailure(driver, file, error);
  const why = error instanceof Error ? error.message : message;
  return new AppError(code, `the store ${file} cannot be written, and copying it failed: ${why}`, {
    hint: "Make its folder writable, or set TMPDIR (TEMP on Windows) to a folder with space for a copy.",
    cause: error,
  });
}

interface InPlace {
  readonly database: Database;
  /** Whether SQLite itself sees the commits of other processes. */
  readonly isFollowed: boolean;
  /** Version of the schema; 0: the file is still empty. */
  readonly version: number;
}

/**
 * Opens the file in place; undefined if SQLite cannot read it without writing. Throws `store_too_new`.
 *
 * For a write-ahead log SQLite needs its index (`-shm`), which exists while a process has the store open and after
 * one was killed. Without a log it would create both, unless it may assume that the file does not change.
 */
function openInPlace(driver: Driver, file: string): InPlace | undefined {
  const isFollowed = sizeOf(`${file}-wal`) > 0;
  if (isFollowed && sizeOf(`${file}-shm`) === 0) return undefined;
  let database: Database | undefined;
  try {
    database = driver.open(`${pathToFileURL(file).href}?${isFollowed ? "mode=ro" : "immutable=1"}`);
    database.exec(`PRAGMA busy_timeout = ${BUSY_SLICE_MS}`);
    const version = versionOf(database);
    if (version > MIGRATIONS.length) throw tooNew(file);
    return { database, isFollowed, version };
  } catch (error) {
    database?.close();
    if (NEEDS_WRITING.includes(driver.resultCode(error))) return undefined;
    throw error;
  }
}

function emptyView(driver: Driver, file: string, isCurrent: () => boolean): View {
  const database = driver.open(":memory:");
  migrate(database, file);
  return { database, isCurrent, close: async () => database.close() };
}

function viewOf({ database, isFollowed }: InPlace, isCurrent: () => boolean): View {
  return { database, isCurrent: isFollowed ? () => true : isCurrent, close: async () => database.close() };
}

const NO_FILE = "none";

/** Changes with the file and its write-ahead log. Throws the system's error, unless the file is missing. */
function stampOf(file: string): string {
  const parts = [file, `${file}-wal`].map((path) => {
    const found = statOf(path);
    return found === undefined ? NO_FILE : `${found.ino}-${found.size}-${found.mtimeNs}`;
  });
  return parts[0] === NO_FILE ? NO_FILE : parts.join(" ");
}

function sizeOf(path: string): number {
  return Number(statOf(path)?.size ?? 0);
}

/** Segments of the log whose process has ended, the oldest of each log first. */
function segmentsOfTheDead(driver: Driver, folder: string): string[] {
  const logFolder = join(folder, "log");
  if (statOf(logFolder) === undefined) return [];
  const segments = readdirSync(logFolder).flatMap((file) => {
    const name = readSegmentName(file);
    return name === undefined || !lstatSync(join(logFolder, file)).isFile() ? [] : [{ file, ...name }];
  });
  const isDead = (slot: number) => !isHeld(driver, lockFile(join(folder, "locks"), `log ${slot}`));
  const dead = new Map([...new Set(segments.map(({ slot }) => slot))].map((slot) => [slot, isDead(slot)]));
  return segments
    .filter(({ slot }) => dead.get(slot))
    .toSorted((one, other) => one.number - other.number)
    .map(({ file }) => file);
}

/** Whether any of these segments has data that is not in the tables, readable or not. Throws the system's error. */
function hasUnindexed(database: Database, folder: string, segments: readonly string[]): boolean {
  const getPosition = database.prepare("SELECT position FROM log_positions WHERE name = ?");
  return segments.some((name) => {
    const file = join(folder, name);
    const from = Number(getPosition.get([name])?.["position"] ?? 0);
    const { records, unreadable } = scanSegment(file, markerOf(name), {
      from,
      end: statSync(file).size,
      isPadded: true,
    });
    return records.length > 0 || unreadable.records > 0;
  });
}
