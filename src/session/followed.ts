import type { Answer } from "../core/delivery.ts";
import type { Fact } from "../core/facts.ts";
import type { ForwardAttempt } from "../core/forward.ts";

/** What is kept of a delivery that was told, until it is told what became of it. */
interface Told {
  readonly id: string;
  readonly receivedAt: number;
}

/** Older ones are let go, so that a tail may run for months. */
const MAX_FOLLOWED = 10_000;

/** Deliveries that were told, and which of them are still to be answered. */
export class Followed {
  readonly #told = new Map<string, Told>();
  readonly #unanswered = new Set<string>();

  add({ id, receivedAt }: Told): void {
    this.#told.set(id, { id, receivedAt });
    this.#unanswered.add(id);
    if (this.#told.size <= MAX_FOLLOWED) return;
    const [oldest = ""] = this.#told.keys();
    this.#told.delete(oldest);
    this.#unanswered.delete(oldest);
  }

  has(id: string): boolean {
    return this.#told.has(id);
  }

  /** Ids of those that wait for an answer. */
  unanswered(): string[] {
    return [...this.#unanswered];
  }

  /** Notes that it has been answered. */
  answered(id: string): Told {
    this.#unanswered.delete(id);
    return this.#told.get(id) ?? { id, receivedAt: 0 };
  }
}

export function answerFact({ id, receivedAt }: Told, { status, durationMs }: Answer): Fact {
  return { type: "answer", at: receivedAt + durationMs, deliveryId: id, status, durationMs };
}

export function forwardFact({ deliveryId, url, outcome }: ForwardAttempt): Fact {
  const { durationMs } = outcome;
  const how = outcome.kind === "answered" ? { status: outcome.status } : { error: outcome.message };
  return { type: "forward", at: outcome.startedAt + durationMs, deliveryId, url, ...how, durationMs };
}
