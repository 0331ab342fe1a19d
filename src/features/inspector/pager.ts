import type { Database } from "../../store/database.ts";
import { countAll, countRows, findSeqs, type RowFilter } from "../../store/rows-query.ts";
import type { SearchIndex } from "../../store/search/search-index.ts";
import type { Places } from "./places.ts";
import type { FailedQuery, PageQuery } from "./reads.ts";
import type { SpanCount, Tally } from "./tally.ts";
import { allSpans, Walk, type Read } from "./walk.ts";

/** Fewer are found by an index, and then sorted. */
const FEW = 5_000;
/** Filters and snapshots whose places or counts are kept. */
const MAX_KNOWN = 20;
/** A page is answered with what is found until then; a full one sooner. */
const PATIENCE_MS = 80;
const FULL_MS = 20;

export interface FoundPage {
  readonly total: number;
  /** The part of the feed that was searched, from the newest. */
  readonly searched: number;
  /** The places, the newest first. */
  readonly seqs: readonly number[];
}

type FindQuery = Pick<PageQuery, "filter" | "before" | "limit"> & { readonly upTo: number; readonly offset: number };

/** Pages of the list, each of which is found quickly once its filter has been searched. */
export class Pager {
  readonly #read: Read;
  readonly #tally: Tally;
  readonly #index: SearchIndex;
  readonly #walks = new Recent<Walk<"found">>();
  readonly #counts = new Recent<readonly SpanCount[]>();

  constructor(read: Read, tally: Tally, index: SearchIndex) {
    this.#read = read;
    this.#tally = tally;
    this.#index = index;
  }

  async find(query: FindQuery): Promise<FoundPage> {
    return hasIndex(query.filter) ? this.#findIndexed(query) : this.#findSearched(query);
  }

  /** A filter that must read every row. */
  async #findSearched({ filter, upTo, before, offset, limit }: FindQuery): Promise<FoundPage> {
    const { walk, places } = this.#tally.walkFor(filter) ?? this.#walkFor(filter);
    const to = before === undefined ? upTo : Math.min(upTo, before - 1);
    const find = () => places.find(to, before === undefined ? offset : 0, limit);
    await walk.search(upTo, FULL_MS);
    if (walk.searched < 1 && find().length < limit) await walk.search(upTo, PATIENCE_MS - FULL_MS);
    return { total: places.countTo(upTo), searched: walk.searched, seqs: find() };
  }

  /** The nearest match to a place, for a filter that must read every row. */
  async nearest({ filter, upTo, seq, side }: FailedQuery): Promise<{ found: number | undefined; searched: number }> {
    const { walk, places } = this.#tally.walkFor(filter) ?? this.#walkFor(filter);
    await walk.search(upTo, PATIENCE_MS);
    const newer = places.countTo(upTo) - places.countTo(seq);
    const [found] = side === "older" ? places.find(seq - 1, 0, 1) : newer === 0 ? [] : places.find(upTo, newer - 1, 1);
    return { found, searched: walk.searched };
  }

  #walkFor(filter: RowFilter): { readonly walk: Walk<"found">; readonly places: Places } {
    const { contains } = filter;
    const key = JSON.stringify([this.#tally.generation, filter]);
    const walk =
      this.#walks.get(key) ??
      this.#walks.set(
        key,
        new Walk(this.#read, {
          filters: { found: filter },
          find: (database, span) => ({
            found: findSeqs(database, filter, span, { order: "newest", offset: 0, limit: -1, isFew: false }),
          }),
          spans: (database, upTo) =>
            contains === undefined ? allSpans(upTo) : this.#index.spans(database, contains, upTo),
        }),
      );
    return { walk, places: walk.sets.found };
  }

  /** All deliveries, or a filter with an index: they are counted at once, and a page is read in its place. */
  async #findIndexed({ filter, upTo, before, offset, limit }: FindQuery): Promise<FoundPage> {
    const to = before === undefined ? upTo : Math.min(upTo, before - 1);
    const { generation, isComplete } = this.#tally;
    const key = JSON.stringify([generation, isComplete, upTo, filter]);
    const spans = this.#counts.get(key) ?? this.#counts.set(key, await this.#spans(filter, upTo));
    const total = spans.reduce((sum, { count }) => sum + count, 0);
    const isFew = total < FEW;
    const seqs: number[] = [];
    let skip = before === undefined ? offset : 0;
    for (const span of spans) {
      if (seqs.length >= limit) break;
      if (span.after >= to || span.count === 0) continue;
      if (skip >= span.count && before === undefined) {
        skip -= span.count;
        continue;
      }
      const part = { ...span, upTo: Math.min(span.upTo, to) };
      const page = { skip, limit: limit - seqs.length, isFew };
      seqs.push(...(await this.#read((database) => findIn(database, filter, part, page))));
      skip = 0;
    }
    return { total, searched: 1, seqs };
  }

  async #spans(filter: RowFilter, upTo: number): Promise<readonly SpanCount[]> {
    const isWhole = isEmpty(filter);
    const known = isWhole ? await this.#tally.spansTo(upTo) : undefined;
    if (known !== undefined) return known;
    const span = { after: 0, upTo };
    return this.#read((database) => [
      { ...span, count: isWhole ? countAll(database, upTo) : countRows(database, filter, span) },
    ]);
  }
}

/** The values that were used last. */
class Recent<Value> {
  readonly #values = new Map<string, Value>();

  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    return value === undefined ? undefined : this.set(key, value);
  }

  set(key: string, value: Value): Value {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > MAX_KNOWN && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }
}

function isEmpty(filter: object): boolean {
  return Object.values(filter).every((each) => each === undefined);
}

function hasIndex({ events: _events, resourceId, ...others }: RowFilter): boolean {
  return resourceId !== undefined || isEmpty(others);
}

/** Reads from the nearer end of the span. */
function findIn(
  database: Database,
  filter: RowFilter,
  span: SpanCount,
  { skip, limit, isFew }: { readonly skip: number; readonly limit: number; readonly isFew: boolean },
): number[] {
  const rest = Math.min(limit, span.count - skip);
  if (skip * 2 <= span.count || rest <= 0) {
    return findSeqs(database, filter, span, { order: "newest", offset: skip, limit, isFew });
  }
  const offset = span.count - skip - rest;
  return findSeqs(database, filter, span, { order: "oldest", offset, limit: rest, isFew }).toReversed();
}
