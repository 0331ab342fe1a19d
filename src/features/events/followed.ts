import { endedAfterMs, type Answer, type RecordedDelivery } from "../../core/delivery.ts";
import { type Fact, forwardFact } from "../../core/facts.ts";
import { type ForwardAttempt } from "../../core/forward.ts";

/** What is kept of a delivery that was told, until it is told what became of it. */
type Told = Pick<RecordedDelivery, "id" | "event" | "resourceId" | "receivedAt">;

/** Older ones are let go, so that a tail may run for months. */
const MAX_FOLLOWED = 10_000;

/** Deliveries that were told, and which of them are still to be answered. */
export class Followed {
  readonly #told = new Map<string, Told>();
  readonly #unanswered = new Set<string>();

  add({ id, event, resourceId, receivedAt }: Told): void {
    this.#told.set(id, { id, event, resourceId, receivedAt });
    this.#unanswered.add(id);
    if (this.#told.size <= MAX_FOLLOWED) return;
    const [oldest = ""] = this.#told.keys();
    this.#told.delete(oldest);
    this.#unanswered.delete(oldest);
  }

  get(id: string): Told | undefined {
    return this.#told.get(id);
  }

  /** Ids of those that wait for an answer. */
  unanswered(): string[] {
    return [...this.#unanswered];
  }

  /** Notes that it has been answered. */
  answered(id: string): Told {
    this.#unanswered.delete(id);
    return this.#told.get(id) ?? { id, event: null, resourceId: null, receivedAt: 0 };
  }
}

export function answerFact({ id, receivedAt }: Pick<Told, "id" | "receivedAt">, answer: Answer): Fact {
  return { type: "answer", at: receivedAt + endedAfterMs(answer), deliveryId: id, ...answer };
}

/** An attempt as its own session told it, when it ended. */
export function pastForwardFact(attempt: ForwardAttempt, told: Told): Fact {
  const { startedAt, durationMs } = attempt.outcome;
  return { ...forwardFact(attempt, told), at: startedAt + durationMs };
}
