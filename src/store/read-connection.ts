import { pathToFileURL } from "node:url";
import { AppError, Interrupted, type Warning } from "../core/errors.ts";
import { Waits } from "../platform/waits.ts";
import { BUSY_SLICE_MS, BUSY_TIMEOUT_MS, createWhileBusy } from "./busy.ts";
import type { Database, Driver } from "./database.ts";
import { loadDriver } from "./driver.ts";
import { storeFailure } from "./failures.ts";
import { storeFile } from "./file.ts";
import { openView } from "./view.ts";

/** A connection for queries. */
export interface ReadConnection extends AsyncDisposable {
  /** Rejects with the error of the work, or with `store_unavailable`. */
  readonly read: <Result>(work: (database: Database) => Result) => Promise<Result>;
}

export interface ReadOnlyOptions {
  readonly driver: Driver;
  readonly folder: string;
  readonly busyTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly waits: Waits;
  readonly onNotice: (notice: Warning) => void;
}

/** How often a read is repeated because the file changed meanwhile. */
const MAX_TRIES = 5;

/** Connects to a store without writing to it, even if it is writable. */
export async function connectReadOnly({
  driver,
  folder,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
  signal,
  waits,
  onNotice,
}: ReadOnlyOptions): Promise<ReadConnection> {
  const file = storeFile(folder);
  const whileBusy = createWhileBusy({ driver, file, timeoutMs: busyTimeoutMs, waits, signal });
  const place = { driver, folder, whileBusy, waits, signal, onNotice };
  const attempt = attempts(driver, file);
  let view = await attempt(() => openView(place));
  let isOpen = true;
  let replacing: Promise<void> | undefined;
  const replace = async () => {
    const outdated = view;
    view = await openView(place);
    await outdated.close();
  };
  return {
    read: (work) =>
      attempt(async () => {
        for (let tries = 1; ; tries += 1) {
          if (!isOpen) throw new AppError("store_unavailable", `the store ${file} has been closed`);
          if (!view.isCurrent()) {
            replacing ??= replace().finally(() => (replacing = undefined));
            await replacing;
          }
          let result: { readonly value: ReturnType<typeof work> } | { readonly error: unknown };
          try {
            result = { value: await whileBusy(() => work(view.database)) };
          } catch (error) {
            result = { error };
          }
          // Data read while the file changed may be inconsistent.
          if (!view.isCurrent() && tries < MAX_TRIES) continue;
          if ("error" in result) throw result.error;
          return result.value;
        }
      }),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      await replacing?.catch(() => {});
      await view.close();
    },
  };
}

/**
 * Opens a separate connection for a thread, while another one may have the store open. `isWritable`: this process may
 * write to it. Then SQLite's own locks are needed: a connection without them would release those of the other thread
 * when it closes.
 */
export async function connectToRead(folder: string, isWritable: boolean): Promise<ReadConnection> {
  const driver = loadDriver();
  const waits = new Waits();
  if (!isWritable) return connectReadOnly({ driver, folder, waits, onNotice: () => {} });
  const file = storeFile(folder);
  const whileBusy = createWhileBusy({ driver, file, timeoutMs: BUSY_TIMEOUT_MS, waits });
  const attempt = attempts(driver, file);
  const database = await attempt(() =>
    whileBusy(() => {
      const opened = driver.open(`${pathToFileURL(file).href}?mode=ro`);
      opened.exec(`PRAGMA busy_timeout = ${BUSY_SLICE_MS}`);
      return opened;
    }),
  );
  return {
    read: (work) => attempt(() => whileBusy(() => work(database))),
    [Symbol.asyncDispose]: async () => database.close(),
  };
}

function attempts(driver: Driver, file: string) {
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      throw storeFailure(driver, file, error);
    }
  };
}
