import { type Fact, factOf, type FeedEntry } from "../core/facts.ts";

/** The entries of the store's feed that this process writes. */
export interface FeedSource {
  /** The next entries, up to the limit; waits until there are some. Undefined once the store is closed. */
  next(limit: number): Promise<{ readonly entries: readonly FeedEntry[]; readonly missing: number } | undefined>;
}

export interface FeedReader {
  readonly onFact: (fact: Fact) => void;
  /** Called with the number of deliveries that are no longer in the store. */
  readonly onMissing?: ((count: number) => void) | undefined;
  /** Resolves once the reader has room again: until then, new entries stay in the store. */
  readonly drain?: (() => Promise<void>) | undefined;
}

const PAGE = 100;

/** Passes committed entries on, page by page, as fast as the reader accepts them. Resolves once the store is closed. */
export async function followFeed(feed: FeedSource, { onFact, onMissing, drain }: FeedReader): Promise<void> {
  for (let page = await feed.next(PAGE); page !== undefined; page = await feed.next(PAGE)) {
    for (const entry of page.entries) onFact(factOf(entry));
    if (page.missing > 0) onMissing?.(page.missing);
    await drain?.();
  }
}
