import { setImmediate as nextTurn } from "node:timers/promises";
import { type Fact, factOf, type FeedEntry } from "../../core/facts.ts";
import type { Clock } from "../../platform/clock.ts";
import type { FeedQuery, Store, StoredDelivery } from "../../store/store.ts";

export interface TailOptions {
  /** Selects deliveries. */
  readonly filter: NonNullable<FeedQuery["filter"]>;
  /** How many existing deliveries to print first; with `sinceMs`: the maximum. */
  readonly last: number | undefined;
  /** Prints all deliveries received since then first; Unix milliseconds. */
  readonly sinceMs: number | undefined;
  /** Ends after this number of deliveries, once they are answered. */
  readonly count: number | undefined;
}

export interface TailDeps {
  readonly store: Pick<Store, "list" | "lastPlace" | "feed" | "entriesOf">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFact: (fact: Fact) => void;
  /** Resolves once the output has room again. */
  readonly drain?: (() => Promise<void>) | undefined;
  /** Called once no new delivery can be missed. */
  readonly onReady: () => void;
}

const POLL_MS = 50;
const PAGE = 200;
/** The end waits for the last answers until nothing has happened for this long. */
const LAST_ANSWERS_MS = 1_000;
/** Older ones are dropped, so that a tail may run for months. */
const MAX_UNANSWERED = 10_000;

/**
 * Reads the feed from here on, whichever process writes it. Ends after `count` deliveries; otherwise only with the
 * signal, whose reason it throws.
 */
export async function tail(options: TailOptions, deps: TailDeps): Promise<void> {
  const { store, clock, signal, onFact } = deps;
  // Later entries are followed; earlier ones are history.
  const start = await store.lastPlace();
  deps.onReady();
  let left = options.count ?? Infinity;
  const unanswered = new Set<string>();
  const expectAnswer = (id: string) => {
    unanswered.add(id);
    const [oldest = ""] = unanswered;
    if (unanswered.size > MAX_UNANSWERED) unanswered.delete(oldest);
  };

  for await (const delivery of history(options, store, start)) {
    if (left === 0) break;
    left -= 1;
    onFact({ type: "delivery", at: delivery.receivedAt, delivery });
    const entries = await store.entriesOf(delivery, start);
    for (const entry of entries) onFact(factOf(entry));
    if (!entries.some(({ type }) => type === "answer")) expectAnswer(delivery.id);
    await deps.drain?.();
  }

  const report = (entry: FeedEntry): void => {
    if (entry.type === "delivery") {
      if (left === 0) return;
      left -= 1;
      expectAnswer(entry.delivery.id);
    } else {
      const { id } = entry.subject;
      if (left === 0 && !unanswered.has(id)) return;
      if (entry.type === "answer") unanswered.delete(id);
    }
    onFact(factOf(entry));
  };
  for (let [after, endAt] = [start, Infinity]; ;) {
    signal.throwIfAborted();
    await deps.drain?.();
    const { entries, reached, isMore } = await store.feed({ filter: options.filter, after, limit: PAGE });
    for (const entry of entries) report(entry);
    after = reached;
    if (left === 0) {
      if (entries.length > 0 || endAt === Infinity) endAt = clock.now() + LAST_ANSWERS_MS;
      if (unanswered.size === 0 || clock.now() >= endAt) return;
    }
    await (isMore ? nextTurn() : clock.sleep(POLL_MS, signal));
  }
}

/** Existing deliveries, the oldest first. */
async function* history(
  { filter, last, sinceMs }: TailOptions,
  store: TailDeps["store"],
  start: number,
): AsyncGenerator<StoredDelivery> {
  if (last === undefined && sinceMs !== undefined) {
    for (let after: { receivedAt: number; seq: number } | undefined; ; await nextTurn()) {
      const page = await store.list({ ...filter, sinceMs, order: "oldest", after, limit: PAGE });
      yield* page.filter(({ seq }) => seq <= start);
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE) return;
      after = { receivedAt: end.receivedAt, seq: end.seq };
    }
  }
  if (last === undefined || last === 0) return;
  const newest = await store.list({ ...filter, sinceMs, limit: last });
  // In commit order, like all later ones.
  yield* newest.filter(({ seq }) => seq <= start).toSorted((one, other) => one.seq - other.seq);
}
