import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "../../store/database.ts";
import { countAll, countRows, findSeqs, type RowFilter, type Span } from "../../store/rows-query.ts";
import type { PageQuery } from "./reads.ts";
import type { Tally } from "./tally.ts";

/** Fewer are found by an index, and then sorted. */
const FEW = 5_000;
/** Snapshots whose counts are kept. */
const MAX_KNOWN = 50;
/** Places that are searched at once: between them other requests are served. */
const SPAN = 50_000;

/** The number of matching deliveries in a span. */
interface SpanCount extends Span {
  readonly count: number;
}

type Read = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** Pages of the list, each of which is found quickly once its filter has been counted. */
export class Pager {
  readonly #read: Read;
  readonly #tally: Tally;
  /** By filter and snapshot; the newest span first. */
  readonly #known = new Map<string, readonly SpanCount[]>();

  constructor(read: Read, tally: Tally) {
    this.#read = read;
    this.#tally = tally;
  }

  /** The places of a page, the newest first, and the total number. */
  async find(
    query: Pick<PageQuery, "filter" | "before" | "limit"> & { readonly upTo: number; readonly offset: number },
  ): Promise<{ readonly total: number; readonly seqs: readonly number[] }> {
    const { filter, upTo, before, offset, limit } = query;
    const to = before === undefined ? upTo : Math.min(upTo, before - 1);
    // What is new is counted in no time; all of it is not.
    if (this.#tally.isCounted) await this.#tally.upTo(upTo);
    const places = this.#tally.placesOf(filter, upTo);
    if (places !== undefined) {
      return { total: places.countTo(upTo), seqs: places.find(to, before === undefined ? offset : 0, limit) };
    }
    const spans = await this.#spans(filter, upTo);
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
    return { total, seqs };
  }

  async #spans(filter: RowFilter, upTo: number): Promise<readonly SpanCount[]> {
    const isWhole = Object.values(filter).every((each) => each === undefined);
    const key = JSON.stringify([upTo, filter]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const counted = isWhole ? this.#tally.spansTo(upTo) : undefined;
    const spans: SpanCount[] = [...(counted ?? [])];
    for (const span of counted === undefined ? spansOf(filter, upTo) : []) {
      const count = await this.#read((database) =>
        isWhole ? countAll(database, upTo) : countRows(database, filter, span),
      );
      spans.unshift({ ...span, count });
      if (span.upTo < upTo) await nextTurn();
    }
    this.#known.set(key, spans);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    return spans;
  }
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

/** A filter with an index is one span; one that must read every row is split into many. */
function* spansOf(filter: RowFilter, upTo: number): Generator<Span> {
  const { events: _events, resourceId: _resourceId, ...others } = filter;
  const isIndexed = Object.values(others).every((each) => each === undefined);
  const size = isIndexed ? Math.max(1, upTo) : SPAN;
  for (let after = 0; after < upTo; after += size) yield { after, upTo: Math.min(upTo, after + size) };
}
