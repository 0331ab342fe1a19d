import { endedAfterMs, type Answer, type StoredDelivery } from "./delivery.ts";
import { forwardFact, type Fact } from "./facts.ts";
import type { ForwardAttempt } from "./forward.ts";

/** The delivery that an attempt or a response belongs to. */
export type FeedSubject = Pick<StoredDelivery, "id" | "seq" | "event" | "resourceId" | "receivedAt">;

/** One feed entry: a delivery was received, sent to the app, or answered. `place` grows in commit order. */
export type FeedEntry = { readonly place: number } & (
  | { readonly type: "delivery"; readonly delivery: StoredDelivery }
  | { readonly type: "forward"; readonly attempt: ForwardAttempt; readonly subject: FeedSubject }
  | { readonly type: "answer"; readonly answer: Answer; readonly subject: FeedSubject }
);

/** Converts the entry to a fact with the time at which it happened. */
export function factOf(entry: FeedEntry): Fact {
  switch (entry.type) {
    case "delivery":
      return { type: "delivery", at: entry.delivery.receivedAt, delivery: entry.delivery };
    case "forward": {
      const { startedAt, durationMs } = entry.attempt.outcome;
      return { ...forwardFact(entry.attempt, entry.subject), at: startedAt + durationMs };
    }
    case "answer": {
      const { answer, subject } = entry;
      return { type: "answer", at: subject.receivedAt + endedAfterMs(answer), deliveryId: subject.id, ...answer };
    }
    default:
      return entry satisfies never;
  }
}
