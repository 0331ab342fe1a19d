import { setTimeout as delay } from "node:timers/promises";
import type { FeedEntry } from "../core/feed.ts";
import type { FeedPage, FeedQuery } from "./feed.ts";
import type { PlaceRange } from "./apply.ts";

export interface OwnFeedPage {
  readonly entries: readonly FeedEntry[];
  /** Deliveries that were due and are not in the store: refused by it, or deleted again already. */
  readonly missing: number;
}

/** How soon a page that could not be read is tried again. */
const RETRY_MS = 250;

/**
 * The part of the feed that this process writes, in its order. The places of its commits are all that it keeps, so that a
 * reader may be as slow as it likes.
 */
export class OwnFeed {
  readonly #read: (query: Omit<FeedQuery, "filter">) => FeedPage;
  readonly #ranges: PlaceRange[] = [];
  /** Where the first range is read to. */
  #after = 0;
  /** Deliveries of the first range that are still to be read. */
  #due = 0;
  #isRead = true;
  #isClosed = false;
  #wake = () => {};
  #watchers: (() => void)[] = [];

  constructor(read: (query: Omit<FeedQuery, "filter">) => FeedPage) {
    this.#read = read;
  }

  /** Something was committed. */
  add(range: PlaceRange): void {
    const last = this.#ranges.at(-1);
    if (this.#ranges.length > 1 && last !== undefined && last.last + 1 === range.first) {
      this.#ranges[this.#ranges.length - 1] = {
        first: last.first,
        last: range.last,
        deliveries: last.deliveries + range.deliveries,
      };
    } else this.#ranges.push(range);
    this.#isRead = false;
    this.#wake();
  }

  /** The next entries, at most so many; waits until there are some. Undefined once it is closed. One reader at a time. */
  async next(limit: number): Promise<OwnFeedPage | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const [range] = this.#ranges;
      if (range === undefined) {
        this.#isRead = true;
        for (const resolve of this.#watchers.splice(0)) resolve();
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      if (this.#after < range.first) [this.#after, this.#due] = [range.first - 1, range.deliveries];
      try {
        const { entries, reached, isMore } = this.#read({ after: this.#after, until: range.last, limit });
        this.#after = reached;
        this.#due -= entries.filter(({ type }) => type === "delivery").length;
        if (isMore) return { entries, missing: 0 };
        this.#ranges.shift();
        return { entries, missing: this.#due };
      } catch {
        await delay(RETRY_MS);
      }
    }
  }

  /** Resolves once all that was committed is read, and its reader has asked for more; or once it is closed. */
  async drained(): Promise<void> {
    if (!this.#isRead && !this.#isClosed) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
    for (const resolve of this.#watchers.splice(0)) resolve();
  }
}
