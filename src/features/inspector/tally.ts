import { setImmediate as nextTurn } from "node:timers/promises";
import type { Counts } from "../../inspector/contract.ts";
import type { Database } from "../../store/database.ts";
import { countRows, countSpan, filterSeqs, touchedSeqs, type Span } from "../../store/rows-query.ts";

/** Places that are counted at once: between them other requests are served. */
const SPAN = 20_000;

type Read = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** A set of places, one bit for each. */
class Places {
  #bits = new Uint8Array(1024);
  size = 0;

  set(seq: number, isIn: boolean): void {
    const [at, bit] = [seq >> 3, 1 << (seq & 7)];
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const byte = this.#bits[at] ?? 0;
    if (((byte & bit) !== 0) === isIn) return;
    this.#bits[at] = byte ^ bit;
    this.size += isIn ? 1 : -1;
  }
}

/** The counts of all deliveries, calculated once and then updated with new entries. */
export class Tally {
  readonly #read: Read;
  #failed = new Places();
  #sums = { all: 0, badSignature: 0, repeated: 0 };
  #at = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #isCounted = false;

  constructor(read: Read) {
    this.#read = read;
  }

  /** Whether the counts have been requested. */
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
    const all = await this.#read((database) => countRows(database, {}, { after: 0, upTo: this.#at }));
    if (all === counts.all) return counts;
    this.#turn = this.#turn.then(() => this.#reset());
    return this.upTo(head);
  }

  #reset(): void {
    this.#failed = new Places();
    this.#sums = { all: 0, badSignature: 0, repeated: 0 };
    this.#at = 0;
  }

  async #count(head: number): Promise<Counts> {
    while (this.#at < head) {
      const span: Span = { after: this.#at, upTo: Math.min(head, this.#at + SPAN) };
      await this.#read((database) => this.#add(database, span));
      if (this.#at < head) await nextTurn();
    }
    this.#isCounted = true;
    return { ...this.#sums, failed: this.#failed.size };
  }

  #add(database: Database, span: Span): void {
    // Deliveries counted before may have been forwarded again since.
    const before = this.#at === 0 ? [] : touchedSeqs(database, span);
    const failing = before.length === 0 ? new Set() : filterSeqs(database, { outcome: "failed" }, before);
    for (const seq of before) this.#failed.set(seq, failing.has(seq));
    const counts = countSpan(database, span);
    for (const seq of counts.failed) this.#failed.set(seq, true);
    this.#sums.all += counts.all;
    this.#sums.badSignature += counts.badSignature;
    this.#sums.repeated += counts.repeated;
    this.#at = span.upTo;
  }
}
