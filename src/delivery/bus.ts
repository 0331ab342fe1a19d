import type { Fact, NewFact } from "../core/facts.ts";
import type { Clock } from "../platform/clock.ts";
import { Repeats } from "./repeats.ts";

export type FactListener = (fact: Fact) => void;

/** Facts of which many may be the same. */
type Repeatable = Extract<NewFact, { type: "warning" | "refused" }>;

/** How many facts are handed out before I/O gets its turn again. */
const FACTS_PER_TURN = 64;

/**
 * Passes facts to all listeners, in order, always after the work that published them: printing never delays an answer.
 * A warning that is repeated word for word, and requests that are refused for the same reason, are counted after the first.
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

  /** A fact without a time happens now. */
  publish(fact: NewFact | Fact): void {
    if (fact.type === "warning") this.#repeats.add(`${fact.code} ${fact.message}`, fact);
    else if (fact.type === "refused") this.#repeats.add(`${fact.status} ${fact.method === "POST"}`, fact);
    else {
      if (fact.type === "stopped") this.#repeats.flush();
      this.#enqueue(fact);
    }
  }

  /** Resolves when everything published so far has been handed out. */
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
