import type { StoredDelivery } from "../core/delivery.ts";
import type { ForwardAttempt } from "../core/exchange.ts";
import { changeReads, type ChangeFilter, type WebhookChange } from "./changes.ts";
import type { Database } from "./database.ts";
import { examineStore, type StoreHealth } from "./integrity.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import type { FeedEntry } from "../core/facts.ts";
import { entriesOf, lastPlace, readFeed, type FeedPage, type FeedQuery } from "./feed.ts";
import { forwardsOf, lastUrls, type LastUrls } from "./forwards.ts";
import { listDeliveries, resourcesLike, findDelivery } from "./delivery-queries.ts";
import type { LockHolder } from "./locks.ts";
import { countDeliveries, storeStats } from "./stats-query.ts";
import type { Warning } from "../core/errors.ts";
import type { StoreStats } from "../core/delivery-stats.ts";

/** Queries of a store. Every method rejects with `store_unavailable` on failure. */
export interface StoreReader extends AsyncDisposable {
  /**
   * Registers a listener for notices that the user needs, including those from opening the store. The newest listener
   * gets every notice, until the returned function removes it.
   */
  onNotice(listener: (notice: Warning) => void): () => void;
  /** The URL that deliveries of this environment (or of any) were last forwarded to. */
  lastUrls(environment?: string): Promise<LastUrls>;
  /** All attempts to forward a delivery, the oldest first. */
  forwards(deliveryId: string): Promise<ForwardAttempt[]>;
  list(filter: DeliveryFilter): Promise<StoredDelivery[]>;
  /** Finds a delivery by `last`, its id, or a unique prefix, with or without `dlv_`. Throws `delivery_not_found`. */
  find(idOrPrefix: string): Promise<StoredDelivery>;
  /** Ids of resources that begin with the text, up to the limit. */
  resources(beginning: string, limit: number): Promise<string[]>;
  /** The number of deliveries that match the filter. */
  count(filter: DeliveryFilter): Promise<number>;
  /** Statistics of the deliveries that match the filter. Reads no body. */
  stats(filter: DeliveryFilter): Promise<StoreStats>;
  /** The place of the last feed entry of any process: later commits get higher places. */
  lastPlace(): Promise<number>;
  /** Feed entries in commit order. */
  feed(query: FeedQuery): Promise<FeedPage>;
  /** The entries of a delivery up to a place of the feed: the attempts, then the answer. */
  entriesOf(delivery: StoredDelivery, until: number): Promise<FeedEntry[]>;
  /** The state of the store, without a check of its integrity. */
  examine(): Promise<StoreHealth>;
  /** The current holder of a lock. */
  holderOf(name: string): Promise<LockHolder | undefined>;
  readonly changes: ChangeReader;
}

/** The journal of webhook changes, for reading. */
export interface ChangeReader {
  /** Unsettled changes, oldest first. */
  pending(filter?: Omit<ChangeFilter, "kind">): Promise<WebhookChange[]>;
  latest(filter: ChangeFilter): Promise<WebhookChange | undefined>;
  /** Newest first. */
  list(limit: number, filter?: ChangeFilter): Promise<WebhookChange[]>;
}

/** Runs a query where and when that is possible. */
type Read = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** Queries of the tables of deliveries. */
export function deliveryReads(
  read: Read,
  { file, logFolder }: { readonly file: string; readonly logFolder: string },
): Omit<StoreReader, "onNotice" | "holderOf" | "changes" | keyof AsyncDisposable> {
  return {
    lastUrls: (environment) => read((database) => lastUrls(database, environment)),
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

/** Queries of the journal. */
export function journalReads(read: Read): ChangeReader {
  return {
    pending: (filter = {}) => read((database) => changeReads(database).pending(filter)),
    latest: (filter) => read((database) => changeReads(database).latest(filter)),
    list: (limit, filter = {}) => read((database) => changeReads(database).list(limit, filter)),
  };
}
