import { join } from "node:path";
import type { Answer, Delivery, Verification } from "../core/delivery.ts";
import { AppError, Interrupted } from "../core/errors.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { Waits } from "../platform/waits.ts";
import { openChanges, type ChangeFilter, type ChangePatch, type PlannedChange, type WebhookChange } from "./changes.ts";
import { createDeferredQueue, type DeferredDelivery } from "./deferred.ts";
import type { StoredDelivery } from "./delivery-row.ts";
import { loadDriver, type Database } from "./driver.ts";
import { bytesOf, examineStore, type StoreHealth } from "./examine.ts";
import { storeFailure } from "./failures.ts";
import { acceptInto, type AcceptedDelivery } from "./accept.ts";
import { BUSY_SLICE_MS, BUSY_TIMEOUT_MS, createWhileBusy } from "./busy.ts";
import { CHECKPOINT_PAGES, makeFolder, openStoreFile, storeFile } from "./file.ts";
import type { DeliveryFilter } from "./filter.ts";
import { answersTo, forwardLog, positionOf, type ForwardFilter, type LoggedForward, type Position } from "./follow.ts";
import { forwardsOf, lastForwardUrl } from "./forwards.ts";
import { findDelivery } from "./find.ts";
import { listDeliveries } from "./list.ts";
import { DeliveryLog } from "./log/delivery-log.ts";
import { connectIndexer } from "./log/indexer.ts";
import { indexLeftovers, type Leftovers } from "./log/leftovers.ts";
import { startRunner } from "./log/runner.ts";
import { claimSlot, type ClaimedSlot } from "./log/slots.ts";
import { openLocks, type Locks } from "./locks.ts";
import { damagedNotice, leftoverNotice, Notices, stuckNotice, type StoreNotice } from "./notices.ts";
import { UnverifiedNotices } from "./unverified-notices.ts";
import { pruneDeliveries } from "./prune.ts";
import { applyRetention, type Retained } from "./retention.ts";
import { resourcesLike } from "./resources.ts";
import { bringInJournal, releaseSpace } from "./space.ts";
import { countDeliveries, storeStats, type StoreStats } from "./stats.ts";

export type { WebhookChange, WebhookState } from "./changes.ts";
export type { DeferredDelivery } from "./deferred.ts";
export type { StoredDelivery } from "./delivery-row.ts";
export type { StoreHealth } from "./examine.ts";
export type { DeliveryFilter } from "./filter.ts";
export type { Position } from "./follow.ts";
export type { Lock, LockHolder } from "./locks.ts";
export type { StoreNotice } from "./notices.ts";
export type { Retained } from "./retention.ts";
export type { DeliveryCount, StoreStats } from "./stats.ts";

/** The durable record of what arrived and of what was changed. Everything rejects with `store_unavailable` on failure. */
export interface Store extends Locks, AsyncDisposable {
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
  /**
   * Tells the listener what a user must know of the store, beginning with what was found when it was opened. The newest
   * listener gets every notice, until the returned function removes it.
   */
  onNotice(listener: (notice: StoreNotice) => void): () => void;
  /** Takes a delivery in and waits until it is stored. */
  append(delivery: Delivery, verification: Verification, environment: string): Promise<StoredDelivery>;
  /** Goes with the next write, and comes before every later delivery. Never throws; a failed write is tried again. */
  recordAnswer(delivery: Pick<Delivery, "id">, answer: Answer): void;
  /** Goes with the next write, as an answer does. */
  recordForward(attempt: ForwardAttempt): void;
  /** Where deliveries of this environment, else of any, were sent last. */
  lastForwardUrl(environment?: string): Promise<string | undefined>;
  /** All attempts to forward a delivery, the oldest first. */
  forwards(deliveryId: string): Promise<ForwardAttempt[]>;
  /** Resolves once all that was recorded before is on the disk. */
  flush(): Promise<void>;
  list(filter: DeliveryFilter): Promise<StoredDelivery[]>;
  /** `last`, an id, or any unique beginning of one, with or without `dlv_`. Throws `delivery_not_found`. */
  find(idOrPrefix: string): Promise<StoredDelivery>;
  /** Ids of resources that begin with the text, at most so many. */
  resources(beginning: string, limit: number): Promise<string[]>;
  /** How many deliveries the filter lets through. */
  count(filter: DeliveryFilter): Promise<number>;
  /** Counts of what the filter lets through. Reads no body. */
  stats(filter: DeliveryFilter): Promise<StoreStats>;
  /** Where to go on from, to be told of all that is committed after this moment, by any process. */
  position(): Promise<Position>;
  /** Attempts to forward, in the order they were committed. */
  forwardLog(filter: ForwardFilter): Promise<LoggedForward[]>;
  /** What these deliveries were answered, by their ids. */
  answers(deliveryIds: readonly string[]): Promise<Map<string, Answer>>;
  /** Deletes what was received before, in Unix milliseconds, and returns how many deliveries that were. */
  prune(beforeMs: number, environment?: string): Promise<number>;
  /** Deletes what was received more than `keepMs` before `nowMs` (Unix milliseconds), unless that time cannot be believed. */
  applyRetention(nowMs: number, keepMs: number): Promise<Retained>;
  /** Gives the room of what was deleted back to the disk; how many bytes the files have become smaller. */
  releaseSpace(): Promise<number>;
  /** Reads the whole file to see whether it is sound. */
  examine(): Promise<StoreHealth>;
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
  list(limit: number, filter?: ChangeFilter): Promise<WebhookChange[]>;
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
  const afterWrites = async <Result>(work: () => Result): Promise<Result> => {
    await log.caughtUp().catch(() => {});
    return attempt(work);
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
    lastForwardUrl: (environment) => afterWrites(() => lastForwardUrl(database, environment)),
    forwards: (deliveryId) => afterWrites(() => forwardsOf(database, deliveryId)),
    flush: () => attemptOnce(() => log.caughtUp()),
    list: (filter) => afterWrites(() => listDeliveries(database, filter)),
    find: (idOrPrefix) => afterWrites(() => findDelivery(database, idOrPrefix)),
    examine: () => afterWrites(() => examineStore(database, file, logFolder)),
    resources: (beginning, limit) => afterWrites(() => resourcesLike(database, beginning, limit)),
    count: (filter) => afterWrites(() => countDeliveries(database, filter)),
    stats: (filter) => afterWrites(() => storeStats(database, filter)),
    position: () => afterWrites(() => positionOf(database)),
    forwardLog: (filter) => afterWrites(() => forwardLog(database, filter)),
    answers: (deliveryIds) => afterWrites(() => answersTo(database, deliveryIds)),
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
      pending: (filter = {}) => attempt(() => changes.pending(filter)),
      latest: (filter) => attempt(() => changes.latest(filter)),
      list: (limit, filter = {}) => attempt(() => changes.list(limit, filter)),
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
