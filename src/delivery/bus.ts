import type { Fact, NewFact } from "../core/facts.ts";
import type { Clock } from "../platform/clock.ts";
import { Repeats } from "./repeats.ts";

export type FactListener = (fact: Fact) => void;

/** Facts that may repeat often. */
type Repeatable = Extract<NewFact, { type: "warning" | "refused" }>;

/** How many facts are passed to listeners before pending I/O is processed. */
const FACTS_PER_TURN = 64;

/**
 * Passes facts to all listeners, in order, and always after the work that published them, so that printing never
 * delays a response. Identical warnings, and requests refused for the same reason, are counted after the first one.
 */
export class FactBus {
  readonly #clock: Pick<Clock, "now">;
  readonly #repeats = new Repeats<Repeatable>((fact, count) =>
    this.#enqueue(fact.type === "warning" && count === 1 ? fact : { ...fact, count }),
  );
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

  /** Publishes a fact; without a time, it gets the current one. */
  publish(fact: NewFact | Fact): void {
    if (fact.type === "warning") this.#repeats.add(`${fact.code} ${fact.message}`, fact);
    else if (fact.type === "refused") this.#repeats.add(`${fact.status} ${fact.method === "POST"}`, fact);
    else {
      if (fact.type === "stopped") this.#repeats.flush();
      this.#enqueue(fact);
    }
  }

  /** Resolves when everything published so far has been passed to the listeners. */
  async flush(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  #enqueue(fact: NewFact | Fact): void {
    this.#queue.push("at" in fact ? fact : { ...fact, at: this.#clock.now() });
    this.#draining ??= this.#drain();
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
