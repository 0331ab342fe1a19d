import { join } from "node:path";
import { Waits } from "../platform/waits.ts";
import { loadDriver } from "./driver.ts";
import { storeFailure } from "./failures.ts";
import { isStoreWritable, storeFile } from "./file.ts";
import { isHeld, lockFile, recordedHolder } from "./locks.ts";
import { Notices } from "./notices.ts";
import { connectReadOnly } from "./read-connection.ts";
import { deliveryReads, journalReads, type StoreReader } from "./reader.ts";
import { openStore, type StoreOptions } from "./store.ts";

/**
 * Opens the store for a command that only reads. The store may be missing or read-only; nothing is created. A
 * writable store is opened normally, so that the logs of killed processes are indexed. Throws `store_unavailable`,
 * `store_too_new` or `store_driver_missing`.
 */
export async function openStoreReader(options: StoreOptions): Promise<StoreReader> {
  const { folder } = options;
  let isWritable: boolean;
  try {
    isWritable = isStoreWritable(folder);
  } catch (error) {
    throw storeFailure(undefined, storeFile(folder), error);
  }
  return isWritable ? openStore(options) : openReadOnly(options);
}

/** Opens a store without writing to it, even if it is writable. */
export async function openReadOnly({ folder, waits = new Waits(), ...options }: StoreOptions): Promise<StoreReader> {
  const driver = loadDriver();
  const notices = new Notices();
  const connection = await connectReadOnly({
    ...options,
    driver,
    folder,
    waits,
    onNotice: notices.publish.bind(notices),
  });
  const { read } = connection;
  return {
    onNotice: (listener) => notices.listen(listener),
    ...deliveryReads(read, { file: storeFile(folder), logFolder: join(folder, "log") }),
    changes: journalReads(read),
    async holderOf(name) {
      const holder = await read((database) => recordedHolder(database, name));
      return holder !== undefined && isHeld(driver, lockFile(join(folder, "locks"), name)) ? holder : undefined;
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
