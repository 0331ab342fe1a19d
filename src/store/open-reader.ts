import { join } from "node:path";
import { AppError, Interrupted } from "../core/errors.ts";
import { Waits } from "../platform/waits.ts";
import { BUSY_TIMEOUT_MS, createWhileBusy } from "./busy.ts";
import { loadDriver } from "./driver.ts";
import { storeFailure } from "./failures.ts";
import { isStoreWritable, storeFile } from "./file.ts";
import { isHeld, lockFile, recordedHolder } from "./locks.ts";
import { Notices } from "./notices.ts";
import { deliveryReads, journalReads, type StoreReader } from "./reader.ts";
import { openStore, type StoreOptions } from "./store.ts";
import { openView } from "./view.ts";
import type { Database } from "./database.ts";

/** How often a read is repeated because the file changed meanwhile. */
const MAX_TRIES = 5;

/**
 * Opens the store for a command that only reads. The store may be missing or read-only; nothing is created. A
 * writable store is opened normally, so that the logs of killed processes are indexed. Throws `store_unavailable`,
 * `store_too_new` or `store_driver_missing`.
 */
export async function openStoreReader(options: StoreOptions): Promise<StoreReader> {
  const { folder } = options;
  const file = storeFile(folder);
  let isWritable: boolean;
  try {
    isWritable = isStoreWritable(folder);
  } catch (error) {
    throw storeFailure(undefined, file, error);
  }
  return isWritable ? openStore(options) : openReadOnly(options);
}

/** Opens a store without writing to it, even if it is writable. */
export async function openReadOnly({
  folder,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
  signal,
  waits = new Waits(),
}: StoreOptions): Promise<StoreReader> {
  const driver = await loadDriver();
  const file = storeFile(folder);
  const notices = new Notices();
  const whileBusy = createWhileBusy({ driver, file, timeoutMs: busyTimeoutMs, waits, signal });
  const place = { driver, folder, whileBusy, waits, signal, onNotice: notices.publish.bind(notices) };
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      throw storeFailure(driver, file, error);
    }
  };

  let view = await attempt(() => openView(place));
  let isOpen = true;
  let replacing: Promise<void> | undefined;
  const replace = async () => {
    const outdated = view;
    view = await openView(place);
    await outdated.close();
  };
  const read = <Result>(work: (database: Database) => Result): Promise<Result> =>
    attempt(async () => {
      for (let tries = 1; ; tries += 1) {
        if (!isOpen) throw new AppError("store_unavailable", `the store ${file} has been closed`);
        if (!view.isCurrent()) {
          replacing ??= replace().finally(() => (replacing = undefined));
          await replacing;
        }
        let result: { readonly value: Result } | { readonly error: unknown };
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
    });

  return {
    onNotice: (listener) => notices.listen(listener),
    ...deliveryReads(read, { file, logFolder: join(folder, "log") }),
    changes: journalReads(read),
    async holderOf(name) {
      const holder = await read((database) => recordedHolder(database, name));
      return holder !== undefined && isHeld(driver, lockFile(join(folder, "locks"), name)) ? holder : undefined;
    },
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      await replacing?.catch(() => {});
      await view.close();
    },
  };
}
