import { setImmediate as nextTurn } from "node:timers/promises";
import type { Fact } from "../../core/facts.ts";
import type { Clock } from "../../platform/clock.ts";
import type { DeliveryFilter, Position, Store, StoredDelivery } from "../../store/store.ts";
import { answerFact, Followed, pastForwardFact } from "./followed.ts";

export interface TailOptions {
  /** Which deliveries. Order and limit are the tail's own. */
  readonly filter: Pick<DeliveryFilter, "environment" | "events" | "resourceId" | "verdicts" | "isRepeated">;
  /** How many of those that are there already come first; with `sinceMs`: at most. */
  readonly last: number | undefined;
  /** All that were received since come first; Unix milliseconds. */
  readonly sinceMs: number | undefined;
  /** Ends after so many, once they are answered. */
  readonly count: number | undefined;
}

export interface TailDeps {
  readonly store: Pick<Store, "list" | "position" | "forwardLog" | "answers">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFact: (fact: Fact) => void;
  /** Resolves once the output has room for more. */
  readonly drain?: (() => Promise<void>) | undefined;
  /** Called once nothing that comes can be missed any more. */
  readonly onReady: () => void;
}

const POLL_MS = 100;
/** Soon after a delivery its answer comes, and shall stand on the same line. */
const ANSWER_POLL_MS = 20;
const ANSWER_SOON_MS = 500;
const PAGE = 200;
/** How long the last ones are waited for to be answered. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Tells what other processes commit to the store as the facts that their own sessions tell, each once: deliveries in the
 * order of their commits, then how they were forwarded and answered. Ends at the count; else by the signal alone, whose
 * reason it throws.
 */
export async function tail(options: TailOptions, deps: TailDeps): Promise<void> {
  const { store, clock, signal, onFact } = deps;
  const followed = new Followed();
  // From here on nothing is missed; what was committed before is history.
  let { deliverySeq, forwardSeq } = await store.position();
  deps.onReady();
  let left = options.count ?? Infinity;

  for await (const delivery of history(options, store, { deliverySeq, forwardSeq })) {
    if (left === 0) break;
    left -= 1;
    onFact({ type: "delivery", at: delivery.receivedAt, delivery });
    for (const attempt of await store.forwardLog({ deliveryId: delivery.id, untilSeq: forwardSeq })) {
      onFact(pastForwardFact(attempt, delivery));
    }
    followed.add(delivery);
    await deps.drain?.();
    if (delivery.answer !== undefined) onFact(answerFact(followed.answered(delivery.id), delivery.answer));
  }

  let hurryUntil = 0;
  for (let endAt = Infinity; ;) {
    signal.throwIfAborted();
    await deps.drain?.();
    const reached = await store.position();
    const limit = Math.min(PAGE, left);
    const page = await store.list({ ...options.filter, afterSeq: deliverySeq, limit });
    for (const delivery of page) {
      onFact({ type: "delivery", at: delivery.receivedAt, delivery });
      followed.add(delivery);
    }
    if (page.length > 0) hurryUntil = clock.now() + ANSWER_SOON_MS;
    left -= page.length;
    // Behind a full page there may be more; else all that had been committed has been looked at.
    const isMore = page.length === limit;
    deliverySeq = Math.max(deliverySeq, page.at(-1)?.seq ?? 0, isMore ? 0 : reached.deliverySeq);

    // Answers are read first and told last: whatever led to an answer is in the log by the time the answer is.
    const answers = await store.answers(followed.unanswered());
    for (let isDone = false; !isDone; await nextTurn()) {
      const log = await store.forwardLog({ afterSeq: forwardSeq, limit: PAGE });
      // An attempt waits until its delivery has been told, or will not be.
      const ready = left === 0 ? log : takeWhile(log, (attempt) => attempt.deliverySeq <= deliverySeq);
      for (const attempt of ready) {
        const told = followed.get(attempt.deliveryId);
        if (told !== undefined) onFact(pastForwardFact(attempt, told));
      }
      forwardSeq = ready.at(-1)?.seq ?? forwardSeq;
      isDone = ready.length < PAGE;
    }
    for (const [id, answer] of answers) onFact(answerFact(followed.answered(id), answer));

    if (left === 0) {
      endAt = Math.min(endAt, clock.now() + LAST_ANSWERS_MS);
      if (followed.unanswered().length === 0 || clock.now() >= endAt) return;
    }
    // A burst is read as fast as it can be told.
    const pauseMs = followed.unanswered().length > 0 && clock.now() < hurryUntil ? ANSWER_POLL_MS : POLL_MS;
    await (isMore && left > 0 ? nextTurn() : clock.sleep(pauseMs, signal));
  }
}

function takeWhile<Each>(all: readonly Each[], isWanted: (each: Each) => boolean): readonly Each[] {
  const end = all.findIndex((each) => !isWanted(each));
  return end === -1 ? all : all.slice(0, end);
}

/** What was there before, the oldest first. */
async function* history(
  { filter, last, sinceMs }: TailOptions,
  store: TailDeps["store"],
  { deliverySeq }: Position,
): AsyncGenerator<StoredDelivery> {
  if (last === undefined && sinceMs !== undefined) {
    for (let after: { receivedAt: number; seq: number } | undefined; ; await nextTurn()) {
      const page = await store.list({ ...filter, sinceMs, order: "oldest", after, limit: PAGE });
      yield* page.filter(({ seq }) => seq <= deliverySeq);
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE) return;
      after = { receivedAt: end.receivedAt, seq: end.seq };
    }
  }
  if (last === undefined || last === 0) return;
  const newest = await store.list({ ...filter, sinceMs, limit: last });
  // In the order they were committed, as all that follows.
  yield* newest.filter(({ seq }) => seq <= deliverySeq).toSorted((one, other) => one.seq - other.seq);
}
