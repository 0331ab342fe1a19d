import type { Fact, NewFact } from "../core/facts.ts";
import type { Clock } from "../platform/clock.ts";

export type FactListener = (fact: Fact) => void;

/** How many facts are handed out before I/O gets its turn again. */
const FACTS_PER_TURN = 64;

/** Hands facts to whoever listens, in order, always after the work that published them: printing never delays an answer. */
export class FactBus {
  readonly #clock: Pick<Clock, "now">;
  readonly #listeners = new Set<FactListener>();
  #queue: Fact[] = [];
  #draining: Promise<void> | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  subscribe(listener: FactListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(fact: NewFact): void {
    this.#queue.push({ ...fact, at: this.#clock.now() });
    this.#draining ??= this.#drain();
  }

  /** Resolves when everything published so far has been handed out. */
  async flush(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      for (const [at, fact] of batch.entries()) {
        if (at % FACTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        for (const listener of this.#listeners) listener(fact);
      }
    }
    this.#draining = undefined;
  }
}
