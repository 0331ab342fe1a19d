import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { Database } from "../../store/database.ts";
import { filterSeqs, touchedSeqs, type RowFilter, type Span } from "../../store/rows-query.ts";
import { Places } from "./places.ts";

export type Read = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** What a walk looks for: some sets of places, found in one query of a span. */
export interface Search<Name extends string> {
  readonly filters: Readonly<Record<Name, RowFilter>>;
  readonly find: (database: Database, span: Span) => Readonly<Record<Name, readonly number[]>>;
  /** The spans in which anything can be found, the newest first. */
  readonly spans: (database: Database, upTo: number) => readonly Span[];
}

/** How long a walk continues without being asked. */
const WANTED_MS = 2_000;
/** Places that are read at once. */
export const STEP = 10_000;

/**
 * Finds places from the newest to the oldest, in spans, between which other requests are served. What is found is kept,
 * and updated with new entries.
 */
export class Walk<Name extends string> {
  readonly #read: Read;
  readonly #search: Search<Name>;
  readonly #names: readonly Name[];
  readonly sets: Readonly<Record<Name, Places>>;
  /** Everything after `from` and up to `at` is searched. */
  #from: number | undefined;
  #at = 0;
  /** The spans that are left, the newest first. */
  #left: Span[] = [];
  #askedAt = 0;
  #descent: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(read: Read, search: Search<Name>) {
    this.#read = read;
    this.#search = search;
    this.#names = Object.keys(search.filters) as Name[];
    this.sets = Object.fromEntries(this.#names.map((name) => [name, new Places()])) as Record<Name, Places>;
  }

  /** The place up to which new entries are included. */
  get at(): number {
    return this.#at;
  }

  /** The part of the feed that was searched, from the newest; 1: all. */
  get searched(): number {
    if (this.#from === undefined) return 0;
    return this.#at === 0 ? 1 : (this.#at - this.#from) / this.#at;
  }

  /** Includes new entries up to `head`, and waits up to `patienceMs` until everything older is searched. */
  async search(head: number, patienceMs: number): Promise<void> {
    this.#askedAt = performance.now();
    const ascended = this.#turn.then(() => this.#ascend(head));
    this.#turn = ascended.catch(() => {});
    await ascended;
    this.#descent ??= this.#descend().finally(() => (this.#descent = undefined));
    this.#descent.catch(() => {});
    if (patienceMs > 0) await Promise.race([this.#descent, delay(patienceMs, undefined, { ref: false })]);
  }

  async #ascend(head: number): Promise<void> {
    if (this.#from === undefined) {
      this.#left = [...(await this.#read((database) => this.#search.spans(database, head)))];
      [this.#from, this.#at] = [this.#left[0]?.upTo ?? 0, head];
    }
    while (this.#at < head) {
      const span = { after: this.#at, upTo: Math.min(head, this.#at + STEP) };
      const from = this.#from;
      await this.#read((database) => {
        // What was found before may have been forwarded again since; what was not is searched as it is then.
        const touched = touchedSeqs(database, span).filter((seq) => seq > from);
        for (const name of touched.length === 0 ? [] : this.#names) {
          const matching = filterSeqs(database, this.#search.filters[name], touched);
          for (const seq of touched) this.sets[name].set(seq, matching.has(seq));
        }
        this.#add(database, span);
        this.#at = span.upTo;
      });
      if (this.#at < head) await nextTurn();
    }
  }

  async #descend(): Promise<void> {
    while (this.#left.length > 0 && performance.now() - this.#askedAt < WANTED_MS) {
      const next = this.#turn.then(() => this.#step());
      this.#turn = next.catch(() => {});
      await next;
      await nextTurn();
    }
  }

  async #step(): Promise<void> {
    const [span] = this.#left;
    if (span === undefined) return;
    await this.#read((database) => this.#add(database, span));
    this.#left.shift();
    this.#from = this.#left[0]?.upTo ?? 0;
  }

  #add(database: Database, span: Span): void {
    const found = this.#search.find(database, span);
    for (const name of this.#names) for (const seq of found[name]) this.sets[name].set(seq, true);
  }
}

/** All places up to `upTo`, in spans that are read at once. */
export function allSpans(upTo: number): Span[] {
  const spans: Span[] = [];
  for (let end = upTo; end > 0; end -= STEP) spans.push({ after: Math.max(0, end - STEP), upTo: end });
  return spans;
}
