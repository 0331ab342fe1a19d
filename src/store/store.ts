import { join } from "node:path";
import type { Answer, Delivery, StoredDelivery, Verification } from "../core/delivery.ts";
import { deliveryAt } from "./delivery-queries.ts";
import { AppError, Interrupted } from "../core/errors.ts";
import type { ForwardAttempt } from "../core/exchange.ts";
import { InFlight } from "../platform/keyed-queue.ts";
import { Waits } from "../platform/waits.ts";
import { openChanges, type ChangePatch, type PlannedChange, type WebhookChange } from "./changes.ts";
import { loadDriver } from "./driver.ts";
import { bytesOf } from "./integrity.ts";
import { storeFailure } from "./failures.ts";
import { BUSY_SLICE_MS, BUSY_TIMEOUT_MS, createWhileBusy } from "./busy.ts";
import { prepareFeed } from "./feed.ts";
import { CHECKPOINT_PAGES, makeFolder, openStoreFile, proveWritable, storeFile } from "./file.ts";
import { DeliveryLog } from "./log/delivery-log.ts";
import { connectIndexer } from "./log/indexer.ts";
import { indexLeftovers, type Leftovers } from "./log/leftovers.ts";
import { startRunner } from "./log/runner.ts";
import { claimSlot, type ClaimedSlot } from "./log/slots.ts";
import type { SharedDelivery } from "./log/record.ts";
import { OwnFeed } from "./own-feed.ts";
import { openLocks, type Locks } from "./locks.ts";
import {
  damagedNotice,
  leftoverNotice,
  Notices,
  refusal,
  lostNotice,
  stuckNotice,
  UnverifiedNotices,
} from "./notices.ts";
import { pruneDeliveries } from "./prune.ts";
import { deliveryReads, journalReads, type ChangeReader, type StoreReader } from "./reader.ts";
import { applyRetention, type Retained } from "./retention.ts";
import { forgettingParts } from "./search/search-file.ts";
import { bringInJournal, releaseSpace } from "./space.ts";
import type { Database } from "./database.ts";
import { openTeamStore, type TeamStore } from "./team-store.ts";

export type { WebhookChange, WebhookState } from "./changes.ts";
export type { StoredDelivery } from "../core/delivery.ts";
export type { FeedPage, FeedQuery } from "./feed.ts";
export type { OwnFeed, OwnFeedPage } from "./own-feed.ts";
export type { StoreHealth } from "./integrity.ts";
export type { DeliveryFilter } from "../core/delivery-filter.ts";
export type { Lock, LockHolder } from "./locks.ts";
export type { StoreReader } from "./reader.ts";
export type { TeamDelivery, TeamProgress, TeamStore } from "./team-store.ts";
export type { Retained } from "./retention.ts";

/** The durable record of deliveries and webhook changes. Every method rejects with `store_unavailable` on failure. */
export interface Store extends StoreReader, Locks {
  /**
   * Stores a delivery. Resolves once it is on disk and cannot be lost. A delivery that failed verification, or of
   * which only a part is kept, counts towards a quota.
   */
  accept(
    delivery: Delivery,
    verification: Verification,
    environment: string,
    isUnverified?: boolean,
    /** Set if it is to be shipped to a team's log. */
    team?: SharedDelivery,
  ): Promise<void>;
  /** Stores a delivery and waits until readers find it. */
  append(delivery: Delivery, verification: Verification, environment: string): Promise<StoredDelivery>;
  /** The entries that this process has committed since opening the store. */
  readonly own: Pick<OwnFeed, "next" | "drained">;
  /** Written with the next write, and before every later delivery. Never throws; a failed write is retried. */
  recordAnswer(delivery: Pick<Delivery, "id">, answer: Answer): void;
  /** Written with the next write, like an answer. */
  recordForward(attempt: ForwardAttempt): void;
  /** Resolves once readers find everything that was recorded before. */
  flush(): Promise<void>;
  /** How many deliveries of this process are on disk, but not yet visible to readers. */
  readonly unindexed: number;
  /** Deletes deliveries received before this time, in Unix milliseconds, and returns their number. */
  prune(beforeMs: number, environment?: string): Promise<number>;
  /** Deletes deliveries received more than `keepMs` before `nowMs` (Unix milliseconds), if that time is plausible. */
  applyRetention(nowMs: number, keepMs: number): Promise<Retained>;
  /** Returns the space of deleted rows to the disk; resolves with the number of bytes freed. */
  releaseSpace(): Promise<number>;
  readonly changes: ChangeLog;
  readonly team: TeamStore;
}

/** The journal of webhook changes. Each write is on disk once it resolves. */
export interface ChangeLog extends ChangeReader {
  plan(change: PlannedChange): Promise<WebhookChange>;
  update(id: string, patch: ChangePatch): Promise<void>;
}

export interface StoreOptions {
  /** Created if it is missing, readable by its owner alone. */
  readonly folder: string;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** How long a write waits for another process. */
  readonly busyTimeoutMs?: number;
  /** Aborts opening, and every wait for a lock that begins before it aborts, with its reason. */
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
  const driver = loadDriver();
  const file = storeFile(folder);
  const failure = (error: unknown) => storeFailure(driver, file, error);
  makeFolder(folder);
  try {
    // If files of a killed process are present, SQLite opens a store that it cannot write.
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
  const own: OwnFeed = new OwnFeed(prepareFeed(database), () => log.written);
  const log = new DeliveryLog({
    folder: logFolder,
    async claim() {
      claimed ??= await claimSlot(lockSlot);
      return claimed.name;
    },
    startRunner: () => startRunner(driver, indexing),
    onIndexed({ places, lost }) {
      for (const range of places) own.add(range);
      if (lost > 0) notices.publish(lostNotice(lost));
    },
    onDamaged: (damaged) => notices.publish(damagedNotice(damaged)),
    onStuck: (reason) => notices.publish(stuckNotice(reason)),
    onUnverified: (use) => strangers.count(use),
    failure,
  });

  const closed = () => new AppError("store_unavailable", `the store ${file} has been closed`);
  /** For work that itself waits while the file is busy. */
  const attemptOnce = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (!isOpen) throw closed();
    try {
      return await work();
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      throw failure(error);
    }
  };
  const attempt = <Result>(work: () => Result | Promise<Result>): Promise<Result> => attemptOnce(() => whileBusy(work));
  /** Runs a read after all earlier records are visible. It also runs if they cannot be written. */
  const afterWrites = async <Result>(work: (database: Database) => Result): Promise<Result> => {
    await log.caughtUp().catch(() => {});
    return attempt(() => work(database));
  };
  const appending = new InFlight();
  const accept: Store["accept"] = (delivery, verification, environment, isUnverified = false, team) => {
    if (!isOpen) return Promise.reject(closed());
    // Listed one by one: in a burst, spreading the object into another took longer than writing it.
    const { id, method, path, headers, body, receivedAt, event, resourceId, identity, cutFrom } = delivery;
    return log.accept({
      id,
      method,
      path,
      headers,
      environment,
      receivedAt,
      event,
      resourceId,
      identityKey: identity.key,
      verification,
      body,
      unverified: isUnverified || cutFrom !== undefined ? { cutFrom: cutFrom ?? null } : undefined,
      team,
    });
  };

  return {
    accept,
    async append(delivery, verification, environment) {
      appending.begin();
      try {
        await accept(delivery, verification, environment);
        await log.caughtUp();
        const stored = await whileBusy(() => deliveryAt(database, delivery.id));
        // Another delivery may have the id.
        if (stored === undefined || !stored.body.equals(delivery.body)) throw refusal();
        return stored;
      } catch (error) {
        throw failure(error);
      } finally {
        appending.end();
      }
    },
    own,
    onNotice: (listener) => notices.listen(listener),
    recordAnswer({ id: deliveryId }, answer) {
      if (isOpen) log.answered(deliveryId, answer);
    },
    recordForward(forward) {
      if (isOpen) log.forwarded(forward);
    },
    flush: () => attemptOnce(() => log.caughtUp()),
    get unindexed() {
      return log.ahead;
    },
    ...deliveryReads(afterWrites, { file, logFolder }),
    prune: (beforeMs, environment) =>
      attemptOnce(() =>
        forgettingParts(driver, folder, (onDeleted) =>
          pruneDeliveries(database, whileBusy, { beforeMs, environment, onDeleted }),
        ),
      ),
    applyRetention: (nowMs, keepMs) =>
      attemptOnce(() =>
        forgettingParts(driver, folder, (onDeleted) =>
          applyRetention(database, whileBusy, { nowMs, keepMs, onDeleted }),
        ),
      ),
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
    team: openTeamStore({ write: (work) => attempt(() => work(database)), read: afterWrites }, (places) =>
      own.add(places),
    ),
    tryLock: (name, holder) => attemptOnce(() => locks.tryLock(name, holder)),
    lock: (name, holder, wait) => attemptOnce(() => locks.lock(name, holder, wait)),
    holderOf: (name) => attempt(() => locks.holderOf(name)),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      try {
        await log.close();
        await appending.idle();
        strangers.close();
      } catch (error) {
        throw failure(error);
      } finally {
        own.close();
        await claimed?.lock[Symbol.asyncDispose]();
        if (claimed !== undefined) bringInJournal(database);
        database.close();
      }
    },
  };
}
