import type { Fact, NewFact } from "../core/facts.ts";
import { factOf, type FeedEntry } from "../core/feed.ts";

/** The part of the store's feed that this process writes. */
export interface FeedSource {
  /** The next entries, at most so many; waits until there are some. Undefined once the store is closed. */
  next(limit: number): Promise<{ readonly entries: readonly FeedEntry[]; readonly missing: number } | undefined>;
}

export interface FeedReader {
  readonly onFact: (fact: Fact | NewFact) => void;
  /** Resolves once the reader has room for more: until then, what happens waits in the store. */
  readonly drain?: (() => Promise<void>) | undefined;
}

const PAGE = 100;

/** Reports what is committed, page by page, as fast as the reader accepts it. Resolves once the store is closed. */
export async function followFeed(feed: FeedSource, { onFact, drain }: FeedReader): Promise<void> {
  for (let page = await feed.next(PAGE); page !== undefined; page = await feed.next(PAGE)) {
    for (const entry of page.entries) onFact(factOf(entry));
    if (page.missing > 0) {
      const what = page.missing === 1 ? "1 delivery is" : `${page.missing} deliveries are`;
      onFact({ type: "warning", code: "store_unavailable", message: `${what} not shown: no longer in the store` });
    }
    await drain?.();
  }
}
