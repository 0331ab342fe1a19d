import { join } from "node:path";
import type { Answer, Delivery, Verification } from "../core/delivery.ts";
import { AppError } from "../core/errors.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { prepareAnswer, prepareAppend, type AnsweredDelivery } from "./append.ts";
import { openChanges, type ChangeFilter, type ChangePatch, type PlannedChange, type WebhookChange } from "./changes.ts";
import type { StoredDelivery } from "./delivery-row.ts";
import { loadDriver } from "./driver.ts";
import { storeFailure } from "./failures.ts";
import { makeFolder, openStoreFile } from "./file.ts";
import { forwardsOf, prepareForward } from "./forwards.ts";
import { findDelivery } from "./find.ts";
import { GroupCommit } from "./group-commit.ts";
import { listDeliveries, type DeliveryFilter } from "./list.ts";
import { openLocks, type Locks } from "./locks.ts";
import { pruneDeliveries } from "./prune.ts";
import { inTransaction } from "./transaction.ts";

export type { WebhookChange, WebhookState } from "./changes.ts";
export type { StoredDelivery } from "./delivery-row.ts";
export type { DeliveryFilter } from "./list.ts";
export type { Lock, LockHolder } from "./locks.ts";

/** The durable record of what arrived and of what was changed. Everything rejects with `store_unavailable` on failure. */
export interface Store extends Locks, AsyncDisposable {
  /**
   * Resolves once the delivery is on the disk. Whether the event is new is decided in the same transaction: `retry` as
   * long as no earlier delivery of it has been answered 2xx, `duplicate` after.
   */
  append(delivery: Delivery, verification: Verification, environment: string): Promise<StoredDelivery>;
  /** Goes with the next commit, and comes before every later append. Never throws; a failed commit is tried again. */
  recordAnswer(delivery: AnsweredDelivery, answer: Answer): void;
  /** Goes with the next commit, as an answer does. */
  recordForward(attempt: ForwardAttempt): void;
  /** All attempts to forward a delivery, the oldest first. */
  forwards(deliveryId: string): Promise<ForwardAttempt[]>;
  /** Resolves once all that was recorded before is on the disk. */
  flush(): Promise<void>;
  list(filter: DeliveryFilter): Promise<StoredDelivery[]>;
  /** `last`, an id, or any unique beginning of one, with or without `dlv_`. Throws `delivery_not_found`. */
  find(idOrPrefix: string): Promise<StoredDelivery>;
  /** Deletes what was received before, in Unix milliseconds, and returns how many deliveries that were. */
  prune(beforeMs: number): Promise<number>;
  readonly changes: ChangeLog;
}

/** The journal of webhook changes. Each write is on the disk once it resolves. */
export interface ChangeLog {
  plan(change: PlannedChange): Promise<WebhookChange>;
  update(id: string, patch: ChangePatch): Promise<void>;
  /** What is not settled yet, oldest first. */
  pending(filter?: Omit<ChangeFilter, "kind">): Promise<WebhookChange[]>;
  latest(filter: ChangeFilter): Promise<WebhookChange | undefined>;
  /** Newest first. */
  list(limit: number): Promise<WebhookChange[]>;
}

export interface StoreOptions {
  /** Made if it is not there, readable by its owner alone. */
  readonly folder: string;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Opens or creates the store. Throws `store_unavailable`, `store_too_new` or `store_driver_missing`. */
export async function openStore({ folder, now = Date.now }: StoreOptions): Promise<Store> {
  const driver = await loadDriver();
  const file = join(folder, "store.db");
  makeFolder(folder);
  const database = await openStoreFile(driver, file);
  let isOpen = true;
  const failure = (error: unknown) => storeFailure(driver, file, error);
  const group = new GroupCommit({ transaction: (work) => inTransaction(database, work), failure });
  const appendNow = prepareAppend(database);
  const answerNow = prepareAnswer(database);
  const forwardNow = prepareForward(database);
  const changes = openChanges(database, now);
  const locks = openLocks(driver, join(folder, "locks"), database);

  const attempt = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    if (!isOpen) throw new AppError("store_unavailable", `the store ${file} has been closed`);
    try {
      return await work();
    } catch (error) {
      throw failure(error);
    }
  };
  /** Lets a reader see what was recorded before. It may read on where nothing can be written. */
  const afterWrites = async <Result>(work: () => Result): Promise<Result> => {
    await group.flush().catch(() => {});
    return attempt(work);
  };

  return {
    append: (delivery, verification, environment) =>
      attempt(() => group.add(() => appendNow(delivery, verification, environment))),
    recordAnswer(delivery, answer) {
      if (isOpen) group.addUnattended(() => answerNow(delivery, answer));
    },
    recordForward(forward) {
      if (isOpen) group.addUnattended(() => forwardNow(forward));
    },
    forwards: (deliveryId) => afterWrites(() => forwardsOf(database, deliveryId)),
    flush: () => attempt(() => group.flush()),
    list: (filter) => afterWrites(() => listDeliveries(database, filter)),
    find: (idOrPrefix) => afterWrites(() => findDelivery(database, idOrPrefix)),
    prune: (beforeMs) => attempt(() => pruneDeliveries(database, beforeMs)),
    changes: {
      plan: (change) => attempt(() => changes.plan(change)),
      update: (id, patch) => attempt(() => changes.update(id, patch)),
      pending: (filter = {}) => attempt(() => changes.pending(filter)),
      latest: (filter) => attempt(() => changes.latest(filter)),
      list: (limit) => attempt(() => changes.list(limit)),
    },
    tryLock: (name, holder) => attempt(() => locks.tryLock(name, holder)),
    holderOf: (name) => attempt(() => locks.holderOf(name)),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      try {
        await group.flush();
      } finally {
        database.close();
      }
    },
  };
}
