import type { StoredDelivery } from "../core/delivery.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { changeReads, type ChangeFilter, type WebhookChange } from "./changes.ts";
import type { Database } from "./database.ts";
import { examineStore, type StoreHealth } from "./integrity.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import { findDelivery } from "./find.ts";
import type { FeedEntry } from "../core/feed.ts";
import { entriesOf, lastPlace, readFeed, type FeedPage, type FeedQuery } from "./feed.ts";
import { forwardsOf, lastForwardUrl } from "./forwards.ts";
import { listDeliveries } from "./list-query.ts";
import type { LockHolder } from "./locks.ts";
import type { StoreNotice } from "./notices.ts";
import { resourcesLike } from "./resources.ts";
import { countDeliveries, storeStats, type StoreStats } from "./stats-query.ts";

/** What is looked up in a store. Everything rejects with `store_unavailable` on failure. */
export interface StoreReader extends AsyncDisposable {
  /**
   * Tells the listener what a user must know of the store, beginning with what was found when it was opened. The newest
   * listener gets every notice, until the returned function removes it.
   */
  onNotice(listener: (notice: StoreNotice) => void): () => void;
  /** Where deliveries of this environment, else of any, were sent last. */
  lastForwardUrl(environment?: string): Promise<string | undefined>;
  /** All attempts to forward a delivery, the oldest first. */
  forwards(deliveryId: string): Promise<ForwardAttempt[]>;
  list(filter: DeliveryFilter): Promise<StoredDelivery[]>;
  /** `last`, an id, or any unique beginning of one, with or without `dlv_`. Throws `delivery_not_found`. */
  find(idOrPrefix: string): Promise<StoredDelivery>;
  /** Ids of resources that begin with the text, at most so many. */
  resources(beginning: string, limit: number): Promise<string[]>;
  /** How many deliveries the filter lets through. */
  count(filter: DeliveryFilter): Promise<number>;
  /** Counts of what the filter lets through. Reads no body. */
  stats(filter: DeliveryFilter): Promise<StoreStats>;
  /** The place of the last entry of the feed, whichever process committed it: what is committed later comes behind. */
  lastPlace(): Promise<number>;
  /** What happened, in the order of commits. */
  feed(query: FeedQuery): Promise<FeedPage>;
  /** What happened to a delivery up to a place of the feed: the attempts, then the answer. */
  entriesOf(delivery: StoredDelivery, until: number): Promise<FeedEntry[]>;
  /** The state of the store, without a check of its integrity. */
  examine(): Promise<StoreHealth>;
  /** Who holds a lock. */
  holderOf(name: string): Promise<LockHolder | undefined>;
  readonly changes: ChangeReader;
}

/** Changes of webhooks that were journalled. */
export interface ChangeReader {
  /** What is not settled yet, oldest first. */
  pending(filter?: Omit<ChangeFilter, "kind">): Promise<WebhookChange[]>;
  latest(filter: ChangeFilter): Promise<WebhookChange | undefined>;
  /** Newest first. */
  list(limit: number, filter?: ChangeFilter): Promise<WebhookChange[]>;
}

/** Runs what looks things up, where and when that can be done. */
type Read = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** What is looked up in the tables of deliveries. */
export function deliveryReads(
  read: Read,
  { file, logFolder }: { readonly file: string; readonly logFolder: string },
): Omit<StoreReader, "onNotice" | "holderOf" | "changes" | keyof AsyncDisposable> {
  return {
    lastForwardUrl: (environment) => read((database) => lastForwardUrl(database, environment)),
    forwards: (deliveryId) => read((database) => forwardsOf(database, deliveryId)),
    list: (filter) => read((database) => listDeliveries(database, filter)),
    find: (idOrPrefix) => read((database) => findDelivery(database, idOrPrefix)),
    resources: (beginning, limit) => read((database) => resourcesLike(database, beginning, limit)),
    count: (filter) => read((database) => countDeliveries(database, filter)),
    stats: (filter) => read((database) => storeStats(database, filter)),
    lastPlace: () => read(lastPlace),
    feed: (query) => read((database) => readFeed(database, query)),
    entriesOf: (delivery, until) => read((database) => entriesOf(database, delivery, until)),
    examine: () => read((database) => examineStore(database, file, logFolder)),
  };
}

/** What is looked up in the journal. */
export function journalReads(read: Read): ChangeReader {
  return {
    pending: (filter = {}) => read((database) => changeReads(database).pending(filter)),
    latest: (filter) => read((database) => changeReads(database).latest(filter)),
    list: (limit, filter = {}) => read((database) => changeReads(database).list(limit, filter)),
  };
}
