import { setTimeout as delay } from "node:timers/promises";
import type { FeedEntry } from "../core/facts.ts";
import type { FeedPage, FeedQuery } from "./feed.ts";
import type { PlaceRange } from "./apply.ts";
import { Pacer } from "./pacer.ts";

export interface OwnFeedPage {
  readonly entries: readonly FeedEntry[];
  /** Deliveries that were committed and are not in the store: rejected by it, or already deleted. */
  readonly missing: number;
}

/** How soon a failed read of a page is retried. */
const RETRY_MS = 250;
/** How long this thread is measured between two pages, to see whether it is busy. */
const WATCH_MS = 5;

/** The entries that this process writes, in order. It stores only the places, so that a slow reader costs no memory. */
export class OwnFeed {
  readonly #read: (query: Omit<FeedQuery, "filter">) => FeedPage;
  readonly #ranges: PlaceRange[] = [];
  /** The range that is being read, and the place up to which it has been read. */
  #current: PlaceRange | undefined;
  #after = 0;
  /** Deliveries of the first range that have not been read. */
  #due = 0;
  #isRead = true;
  #isClosed = false;
  #wake = () => {};
  #watchers: (() => void)[] = [];
  readonly #pacer: Pacer;
  /** When the last page was read, in milliseconds of this process; undefined before the first. */
  #pageReadAt: number | undefined;

  /** `acceptedCount` increases with each delivery that this process accepts. */
  constructor(read: (query: Omit<FeedQuery, "filter">) => FeedPage, acceptedCount: () => number) {
    this.#read = read;
    this.#pacer = new Pacer(acceptedCount);
  }

  /** Adds committed places. */
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

  /** The next entries, up to the limit; waits until there are some. Undefined once closed. Supports one reader. */
  async next(limit: number): Promise<OwnFeedPage | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const [range] = this.#ranges;
      if (range === undefined) {
        this.#isRead = true;
        this.#pageReadAt = undefined;
        for (const resolve of this.#watchers.splice(0)) resolve();
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      await this.#pause();
      if (this.#isClosed) return undefined;
      // Not always in the order of places: the indexing thread reports its commits a little later than this one.
      if (this.#current !== range) {
        this.#current = range;
        [this.#after, this.#due] = [range.first - 1, range.deliveries];
      }
      try {
        this.#pageReadAt = performance.now();
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

  /** A page and its processing by the reader count as one step. */
  async #pause(): Promise<void> {
    if (this.#pageReadAt === undefined) return;
    this.#pacer.ended();
    const durationMs = performance.now() - this.#pageReadAt;
    await this.#pacer.untilNext({
      minMs: WATCH_MS,
      stepMs: () => durationMs,
      mayYield: () => true,
      isUrgent: () => this.#watchers.length > 0 || this.#isClosed,
    });
  }

  /** Resolves once all committed entries are read and the reader has requested more, or once it is closed. */
  async drained(): Promise<void> {
    if (!this.#isRead && !this.#isClosed) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
    for (const resolve of this.#watchers.splice(0)) resolve();
  }
}
