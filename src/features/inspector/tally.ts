import { setImmediate as nextTurn } from "node:timers/promises";
import { BAD_VERDICTS } from "../../core/delivery.ts";
import type { Counts } from "../../inspector/contract.ts";
import type { Database } from "../../store/database.ts";
import { countAll, countSpan, filterSeqs, touchedSeqs, type RowFilter, type Span } from "../../store/rows-query.ts";
import { Places } from "./places.ts";

/** Places that are counted at once: other requests get their turn in between. */
const SPAN = 10_000;

const ALL_BAD = JSON.stringify(BAD_VERDICTS);

type Read = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** The number of deliveries in a span of the feed. */
interface SpanCount extends Span {
  readonly count: number;
}

interface Known {
  readonly failed: Places;
  readonly badSignature: Places;
  readonly repeated: Places;
  /** In order, without gaps. */
  readonly spans: SpanCount[];
  all: number;
  /** The place up to which everything is counted. */
  at: number;
}

/**
 * The counts next to the list: read once, and then updated with new entries. It stores the places, and so the pages.
 */
export class Tally {
  readonly #read: Read;
  #known = nothing();
  #turn: Promise<unknown> = Promise.resolve();
  #isCounted = false;

  constructor(read: Read) {
    this.#read = read;
  }

  /** Whether anybody has asked for the counts. */
  get isCounted(): boolean {
    return this.#isCounted;
  }

  /** The counts up to a place of the feed. */
  upTo(head: number): Promise<Counts> {
    const counts = this.#turn.then(() => this.#count(head));
    this.#turn = counts.catch(() => {});
    return counts;
  }

  /** Counts from the start if deliveries were deleted since. */
  async checked(head: number): Promise<Counts> {
    const counts = await this.upTo(head);
    const { at } = this.#known;
    if ((await this.#read((database) => countAll(database, at))) === counts.all) return counts;
    this.#turn = this.#turn.then(() => void (this.#known = nothing()));
    return this.upTo(head);
  }

  /** The places of matching deliveries, if they are known here. */
  placesOf(filter: RowFilter, upTo: number): Places | undefined {
    if (!this.#isCounted || upTo > this.#known.at) return undefined;
    const [condition, ...others] = Object.entries(filter).filter(([, value]) => value !== undefined);
    if (condition === undefined || others.length > 0) return undefined;
    const [name, value] = condition as [string, unknown];
    if (name === "outcome" && value === "failed") return this.#known.failed;
    if (name === "verdicts" && JSON.stringify(value) === ALL_BAD) return this.#known.badSignature;
    return name === "isRepeated" && value === true ? this.#known.repeated : undefined;
  }

  /** The known spans of all deliveries up to a place, the newest first. */
  spansTo(upTo: number): readonly SpanCount[] | undefined {
    if (!this.#isCounted || upTo !== this.#known.at) return undefined;
    return this.#known.spans.toReversed();
  }

  async #count(head: number): Promise<Counts> {
    const known = this.#known;
    while (known.at < head) {
      const span: Span = { after: known.at, upTo: Math.min(head, known.at + SPAN) };
      await this.#read((database) => add(database, known, span));
      if (known.at < head) await nextTurn();
    }
    this.#isCounted = true;
    const { all, failed, badSignature, repeated } = known;
    return { all, failed: failed.size, badSignature: badSignature.size, repeated: repeated.size };
  }
}

function nothing(): Known {
  return { failed: new Places(), badSignature: new Places(), repeated: new Places(), spans: [], all: 0, at: 0 };
}

function add(database: Database, known: Known, span: Span): void {
  // What was counted before may have been forwarded again since.
  const touched = known.at === 0 ? [] : touchedSeqs(database, span);
  const failing = touched.length === 0 ? new Set() : filterSeqs(database, { outcome: "failed" }, touched);
  for (const seq of touched) known.failed.set(seq, failing.has(seq));
  const counts = countSpan(database, span);
  for (const name of ["failed", "badSignature", "repeated"] as const) {
    for (const seq of counts[name]) known[name].set(seq, true);
  }
  known.all += counts.all;
  known.at = span.upTo;
  const last = known.spans.at(-1);
  const isSmall = last !== undefined && span.upTo - last.after <= SPAN;
  if (isSmall) known.spans[known.spans.length - 1] = { ...last, upTo: span.upTo, count: last.count + counts.all };
  else known.spans.push({ ...span, count: counts.all });
}
