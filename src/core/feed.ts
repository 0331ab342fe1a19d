import { endedAfterMs, type Answer, type StoredDelivery } from "./delivery.ts";
import { forwardFact, type Fact } from "./facts.ts";
import type { ForwardAttempt } from "./forward.ts";

/** What an attempt or an answer belongs to. */
export type FeedSubject = Pick<StoredDelivery, "id" | "seq" | "event" | "resourceId" | "receivedAt">;

/** One thing that happened: a delivery arrived, was sent to the app, or was answered. `place` grows in the order of commits. */
export type FeedEntry = { readonly place: number } & (
  | { readonly type: "delivery"; readonly delivery: StoredDelivery }
  | { readonly type: "forward"; readonly attempt: ForwardAttempt; readonly subject: FeedSubject }
  | { readonly type: "answer"; readonly answer: Answer; readonly subject: FeedSubject }
);

/** The entry as a fact, at the time when it happened. */
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
