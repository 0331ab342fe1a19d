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
/** How much of bodies a page should have, as estimated from the page before it. */
const PAGE_BYTES = 1024 * 1024;

/** Passes committed entries on, page by page, as fast as the reader accepts them. Resolves once the store is closed. */
export async function followFeed(feed: FeedSource, { onFact, onMissing, drain }: FeedReader): Promise<void> {
  let limit = PAGE;
  for (let page = await feed.next(limit); page !== undefined; page = await feed.next(limit)) {
    for (const entry of page.entries) onFact(factOf(entry));
    if (page.missing > 0) onMissing?.(page.missing);
    limit = limitAfter(page.entries);
    await drain?.();
  }
}

function limitAfter(entries: readonly FeedEntry[]): number {
  const bytes = entries.reduce((sum, entry) => sum + (entry.type === "delivery" ? entry.delivery.body.length : 0), 0);
  return bytes === 0 ? PAGE : Math.min(PAGE, Math.max(1, Math.floor((PAGE_BYTES / bytes) * entries.length)));
}
