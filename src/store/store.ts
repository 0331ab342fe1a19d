import { join } from "node:path";
import type { Answer, Delivery, Verification } from "../core/delivery.ts";
import { AppError, Interrupted } from "../core/errors.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { Waits } from "../platform/waits.ts";
import { openChanges, type ChangePatch, type PlannedChange, type WebhookChange } from "./changes.ts";
import { createDeferredQueue, type DeferredDelivery } from "./deferred.ts";
import type { StoredDelivery } from "./delivery-row.ts";
import { loadDriver } from "./driver.ts";
import { bytesOf } from "./integrity.ts";
import { storeFailure } from "./failures.ts";
import { acceptInto, type AcceptedDelivery } from "./accept.ts";
import { BUSY_SLICE_MS, BUSY_TIMEOUT_MS, createWhileBusy } from "./busy.ts";
import { CHECKPOINT_PAGES, makeFolder, openStoreFile, proveWritable, storeFile } from "./file.ts";
import { DeliveryLog } from "./log/delivery-log.ts";
import { connectIndexer } from "./log/indexer.ts";
import { indexLeftovers, type Leftovers } from "./log/leftovers.ts";
import { startRunner } from "./log/runner.ts";
import { claimSlot, type ClaimedSlot } from "./log/slots.ts";
import { openLocks, type Locks } from "./locks.ts";
import { damagedNotice, leftoverNotice, Notices, stuckNotice } from "./notices.ts";
import { UnverifiedNotices } from "./unverified-notices.ts";
import { pruneDeliveries } from "./prune.ts";
import { deliveryReads, journalReads, type ChangeReader, type StoreReader } from "./reader.ts";
import { applyRetention, type Retained } from "./retention.ts";
import { bringInJournal, releaseSpace } from "./space.ts";
import type { Database } from "./database.ts";

export type { WebhookChange, WebhookState } from "./changes.ts";
export type { DeferredDelivery } from "./deferred.ts";
export type { StoredDelivery } from "./delivery-row.ts";
export type { StoreHealth } from "./integrity.ts";
export type { DeliveryFilter } from "./filter.ts";
export type { Position } from "./follow.ts";
export type { Lock, LockHolder } from "./locks.ts";
export type { StoreNotice } from "./notices.ts";
export type { StoreReader } from "./reader.ts";
export type { Retained } from "./retention.ts";
export type { DeliveryCount, StoreStats } from "./stats-query.ts";

/** The durable record of what arrived and of what was changed. Everything rejects with `store_unavailable` on failure. */
export interface Store extends StoreReader, Locks {
  /**
   * Takes a delivery in. Both promises reject with `store_unavailable`. One that is not verified, although its signature could
   * have been, counts for a quota, and so does one of which only a part is kept.
   */
  accept(delivery: Delivery, verification: Verification, environment: string, isUnverified?: boolean): AcceptedDelivery;
  /**
   * The next deliveries that were deferred, once they are in the tables, at most so many; waits until there is one. Null for
   * one that the tables do not take.
   */
  takeDeferred(limit: number): Promise<readonly (DeferredDelivery | null)[]>;
  /** Takes a delivery in and waits until it is stored. */
  append(delivery: Delivery, verification: Verification, environment: string): Promise<StoredDelivery>;
  /** Goes with the next write, and comes before every later delivery. Never throws; a failed write is tried again. */
  recordAnswer(delivery: Pick<Delivery, "id">, answer: Answer): void;
  /** Goes with the next write, as an answer does. */
  recordForward(attempt: ForwardAttempt): void;
  /** Resolves once all that was recorded before is on the disk. */
  flush(): Promise<void>;
  /** Deletes what was received before, in Unix milliseconds, and returns how many deliveries that were. */
  prune(beforeMs: number, environment?: string): Promise<number>;
  /** Deletes what was received more than `keepMs` before `nowMs` (Unix milliseconds), unless that time cannot be believed. */
  applyRetention(nowMs: number, keepMs: number): Promise<Retained>;
  /** Gives the room of what was deleted back to the disk; how many bytes the files have become smaller. */
  releaseSpace(): Promise<number>;
  readonly changes: ChangeLog;
}

/** The journal of webhook changes. Each write is on the disk once it resolves. */
export interface ChangeLog extends ChangeReader {
  plan(change: PlannedChange): Promise<WebhookChange>;
  update(id: string, patch: ChangePatch): Promise<void>;
}

export interface StoreOptions {
  /** Made if it is not there, readable by its owner alone. */
  readonly folder: string;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** How long a write waits for the turn of another process. */
  readonly busyTimeoutMs?: number;
  /** Ends the opening, and every wait for a lock that begins before, with its reason. */
  readonly signal?: AbortSignal;
  readonly waits?: Waits;
}

/** Opens or creates the store. Throws `store_unavailable`, `store_too_new` or `store_driver_missing`. */
export async function openStore({
  folder,
  now = Date.now,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
  signal,
  waits = new Waits(),
}: StoreOptions): Promise<Store> {
  const driver = await loadDriver();
  const file = storeFile(folder);
  const failure = (error: unknown) => storeFailure(driver, file, error);
  makeFolder(folder);
  try {
    // Next to the files of a killed process SQLite opens even what it cannot write.
    proveWritable(folder);
  } catch (error) {
    throw failure(error);
  }
  const busy = { driver, file, timeoutMs: busyTimeoutMs, waits };
  const whileBusy = createWhileBusy(busy);
  const whileOpening = createWhileBusy({ ...busy, signal });
  let database: Database;
  try {
    database = await openStoreFile(driver, file, whileOpening);
  } catch (error) {
    signal?.throwIfAborted();
    throw failure(error);
  }
  let isOpen = true;
  const changes = openChanges(database, now);
  const locks = openLocks({ driver, folder: join(folder, "locks"), database, whileBusy, waits, signal });
  const logFolder = join(folder, "log");
  makeFolder(logFolder);
  const indexing = { file, folder: logFolder, busyTimeoutMs, checkpointPages: CHECKPOINT_PAGES };
  const lockSlot = (slot: number) => locks.claim(`log ${slot}`);
  const notices = new Notices();
  const strangers = new UnverifiedNotices((notice) => notices.publish(notice));
  let leftovers: Leftovers;
  try {
    leftovers = await indexLeftovers({
      folder: logFolder,
      lockSlot,
      openIndexer: () => connectIndexer(driver, { ...indexing, busyTimeoutMs: BUSY_SLICE_MS }),
      whileBusy: whileOpening,
      waits,
      signal,
    });
  } catch (error) {
    database.close();
    throw error;
  }
  for (const damaged of leftovers.damaged) notices.publish(damagedNotice(damaged));
  for (const use of leftovers.unverified) strangers.count(use);
  if (leftovers.failure !== undefined) notices.publish(leftoverNotice(failure(leftovers.failure)));
  let claimed: ClaimedSlot | undefined;
  const deferred = createDeferredQueue(database);
  const log = new DeliveryLog({
    folder: logFolder,
    async claim() {
      claimed ??= await claimSlot(lockSlot);
      return claimed.name;
    },
    startRunner: () => startRunner(driver, indexing),
    onDeferred: (seqs) => deferred.add(seqs),
    onDamaged: (damaged) => notices.publish(damagedNotice(damaged)),
    onStuck: (reason) => notices.publish(stuckNotice(reason)),
    onUnverified: (use) => strangers.count(use),
    failure,
  });

  /** For work that waits by itself while the file is busy. */
  const attemptOnce = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (!isOpen) throw new AppError("store_unavailable", `the store ${file} has been closed`);
    try {
      return await work();
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      throw failure(error);
    }
  };
  const attempt = <Result>(work: () => Result | Promise<Result>): Promise<Result> => attemptOnce(() => whileBusy(work));
  /** Lets a reader see what was recorded before. It may read on where nothing can be written. */
  const afterWrites = async <Result>(work: (database: Database) => Result): Promise<Result> => {
    await log.caughtUp().catch(() => {});
    return attempt(() => work(database));
  };
  const accept: Store["accept"] = (delivery, verification, environment, isUnverified = false) => {
    if (!isOpen) {
      const refused = Promise.reject(new AppError("store_unavailable", `the store ${file} has been closed`));
      refused.catch(() => {});
      return { durable: refused, stored: () => refused, defer: () => {} };
    }
    const { durable, stored, defer } = acceptInto(log, delivery, verification, environment, isUnverified);
    return {
      durable,
      stored,
      defer() {
        if (isOpen) defer();
      },
    };
  };

  return {
    accept,
    async append(delivery, verification, environment) {
      const { durable, stored } = accept(delivery, verification, environment);
      await durable;
      return stored();
    },
    takeDeferred: (limit) => deferred.take(limit),
    onNotice: (listener) => notices.listen(listener),
    recordAnswer({ id: deliveryId }, answer) {
      if (isOpen) log.answered(deliveryId, answer);
    },
    recordForward(forward) {
      if (isOpen) log.forwarded(forward);
    },
    flush: () => attemptOnce(() => log.caughtUp()),
    ...deliveryReads(afterWrites, { file, logFolder }),
    prune: (beforeMs, environment) =>
      attemptOnce(() => pruneDeliveries(database, whileBusy, { beforeMs, environment })),
    applyRetention: (nowMs, keepMs) => attemptOnce(() => applyRetention(database, whileBusy, { nowMs, keepMs })),
    releaseSpace: () =>
      attemptOnce(async () => {
        const before = bytesOf(file);
        await releaseSpace(database, whileBusy, { mayRebuild: true });
        return before - bytesOf(file);
      }),
    changes: {
      plan: (change) => attempt(() => changes.plan(change)),
      update: (id, patch) => attempt(() => changes.update(id, patch)),
      ...journalReads((work) => attempt(() => work(database))),
    },
    tryLock: (name, holder) => attemptOnce(() => locks.tryLock(name, holder)),
    lock: (name, holder, wait) => attemptOnce(() => locks.lock(name, holder, wait)),
    holderOf: (name) => attempt(() => locks.holderOf(name)),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      try {
        await log.close();
        strangers.close();
      } catch (error) {
        throw failure(error);
      } finally {
        deferred.close(new AppError("store_unavailable", `the store ${file} has been closed`));
        await claimed?.lock[Symbol.asyncDispose]();
        if (claimed !== undefined) bringInJournal(database);
        database.close();
      }
    },
  };
}
