import { BAD_VERDICTS } from "../../core/delivery.ts";
import type { Counts } from "../../inspector/contract.ts";
import { countAll, countRows, countSpan, type RowFilter, type Span } from "../../store/rows-query.ts";
import type { Places } from "./places.ts";
import { allSpans, STEP, Walk, type Read } from "./walk.ts";

/** The filters whose counts are next to the list. */
const FILTERS = {
  failed: { outcome: "failed" },
  badSignature: { verdicts: BAD_VERDICTS },
  repeated: { isRepeated: true },
} as const satisfies Record<string, RowFilter>;

type Name = keyof typeof FILTERS;

/** The number of deliveries in a span of the feed. */
export interface SpanCount extends Span {
  readonly count: number;
}

/** The counts next to the list, with the places of what they count. */
export class Tally {
  readonly #read: Read;
  #walk: Walk<Name>;
  /** The newest first, without gaps. */
  #spans: SpanCount[] = [];
  #isAsked = false;
  #generation = 0;

  constructor(read: Read) {
    this.#read = read;
    this.#walk = this.#newWalk();
  }

  /** Whether anybody has asked for the counts. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Whether everything is counted. */
  get isComplete(): boolean {
    return this.#isAsked && this.#walk.searched === 1;
  }

  /** Increases when deliveries were deleted. */
  get generation(): number {
    return this.#generation;
  }

  /** The counts up to a place of the feed, of what is counted until then. */
  async upTo(head: number, patienceMs: number): Promise<Counts> {
    this.#isAsked = true;
    const walk = this.#walk;
    await walk.search(head, patienceMs);
    const { failed, badSignature, repeated } = walk.sets;
    const { searched } = walk;
    const isKnown = searched === 1 && walk.at === head && walk === this.#walk;
    const all = isKnown ? sumOf(this.#spans) : await this.#read((database) => countAll(database, head));
    return { all, failed: failed.size, badSignature: badSignature.size, repeated: repeated.size, searched };
  }

  /** Counts from the start if deliveries were deleted since. */
  async checked(head: number, patienceMs: number): Promise<Counts> {
    const counts = await this.upTo(head, patienceMs);
    const { at, searched } = this.#walk;
    if (searched < 1) return counts;
    if ((await this.#read((database) => countAll(database, at))) === sumOf(this.#spans)) return counts;
    this.#walk = this.#newWalk();
    this.#generation += 1;
    return this.upTo(head, patienceMs);
  }

  /** The walk that finds the deliveries of a filter, if they are counted here. */
  walkFor(
    filter: RowFilter,
  ): { readonly walk: Pick<Walk<Name>, "search" | "searched">; readonly places: Places } | undefined {
    const wanted = JSON.stringify(filter);
    const name = (Object.keys(FILTERS) as Name[]).find((each) => JSON.stringify(FILTERS[each]) === wanted);
    return name === undefined ? undefined : { walk: this.#walk, places: this.#walk.sets[name] };
  }

  /** The spans of all deliveries up to a place, the newest first; undefined if not all are counted. */
  async spansTo(upTo: number): Promise<readonly SpanCount[] | undefined> {
    if (!this.isComplete) return undefined;
    await this.#walk.search(upTo, 0);
    if (!this.isComplete) return undefined;
    const [newest, ...older] = this.#spans.filter(({ after }) => after < upTo);
    if (newest === undefined) return [];
    const count = await this.#read((database) => countRows(database, {}, { after: newest.after, upTo }));
    return [{ after: newest.after, upTo, count }, ...older];
  }

  #newWalk(): Walk<Name> {
    const spans: SpanCount[] = [];
    this.#spans = spans;
    return new Walk(this.#read, {
      filters: FILTERS,
      find(database, span) {
        const { all, ...found } = countSpan(database, span);
        addSpan(spans, { ...span, count: all });
        return found;
      },
      spans: (_database, upTo) => allSpans(upTo),
    });
  }
}

/** New entries come in small spans, which are joined. */
function addSpan(spans: SpanCount[], span: SpanCount): void {
  const [newest] = spans;
  if (newest === undefined || span.after < newest.upTo) spans.push(span);
  else if (span.upTo - newest.after > STEP) spans.unshift(span);
  else spans[0] = { after: newest.after, upTo: span.upTo, count: newest.count + span.count };
}

function sumOf(spans: readonly SpanCount[]): number {
  return spans.reduce((sum, { count }) => sum + count, 0);
}
