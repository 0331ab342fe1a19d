import { constants } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Waits } from "../platform/waits.ts";
import { BUSY_SLICE_MS, type WhileBusy } from "./busy.ts";
import type { Database, Driver } from "./database.ts";
import { storeFailure } from "./failures.ts";
import { CHECKPOINT_PAGES, openStoreFile, storeFile } from "./file.ts";
import { connectIndexer } from "./log/indexer.ts";
import { indexLeftovers } from "./log/leftovers.ts";
import { leftoverNotice, unreadableNotice } from "./notices.ts";
import type { Warning } from "../core/errors.ts";

/** A store in a folder that must not be written. */
export interface UnwritableStore {
  readonly driver: Driver;
  readonly folder: string;
  readonly whileBusy: WhileBusy;
  readonly waits: Waits;
  readonly signal: AbortSignal | undefined;
  readonly onNotice: (notice: Warning) => void;
}

interface CopyOptions extends UnwritableStore {
  readonly file: string;
  /** The segments of the log to index. */
  readonly segments: readonly string[];
  /** Changes whenever the file does. */
  readonly stampOf: () => string;
}

const MAX_TRIES = 5;

/**
 * Copies a store to a temporary folder that only this user can read, and updates the copy as the store would be if it
 * could be written. Closing the copy removes it. Rejects with errors of SQLite or the system, or with
 * `store_too_new`.
 */
export async function copyStore(
  options: CopyOptions,
): Promise<{ readonly database: Database; readonly close: () => Promise<void> }> {
  const { driver, folder, whileBusy, waits, signal, onNotice } = options;
  using _wait = waits.begin("a copy of the store, which cannot be written where it is");
  const home = await mkdtemp(join(tmpdir(), "bluum-hooks-"));
  const remove = () => rm(home, { recursive: true, force: true, maxRetries: 5 });
  let database: Database | undefined;
  try {
    const logFolder = join(home, "log");
    await mkdir(logFolder);
    await copyStill(options, home);
    const file = storeFile(home);
    database = await openStoreFile(driver, file, whileBusy);
    const place = { file, folder: logFolder, busyTimeoutMs: BUSY_SLICE_MS, checkpointPages: CHECKPOINT_PAGES };
    const { damaged, failure } = await indexLeftovers({
      folder: logFolder,
      // No other process uses the copy.
      lockSlot: async () => ({ [Symbol.asyncDispose]: async () => {} }),
      openIndexer: () => connectIndexer(driver, place),
      whileBusy,
      waits,
      signal,
    });
    for (const { name, unreadable } of damaged) {
      if (unreadable !== undefined) onNotice(unreadableNotice(join(folder, "log", name), unreadable));
    }
    if (failure !== undefined) onNotice(leftoverNotice(storeFailure(driver, file, failure)));
  } catch (error) {
    database?.close();
    await remove();
    throw error;
  }
  const opened = database;
  return {
    database,
    async close() {
      opened.close();
      await remove();
    },
  };
}

/** Copies related files, and repeats this until none has changed meanwhile. */
async function copyStill({ file, folder, segments, stampOf, signal }: CopyOptions, home: string): Promise<void> {
  const copy = async (from: string, to: string) => {
    signal?.throwIfAborted();
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, 0o600);
  };
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const before = stampOf();
    await copy(file, storeFile(home));
    await copy(`${file}-wal`, `${storeFile(home)}-wal`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    for (const name of segments) await copy(join(folder, "log", name), join(home, "log", name));
    if (stampOf() === before) return;
    await rm(`${storeFile(home)}-wal`, { force: true });
  }
  throw new Error("another process keeps changing it");
}
