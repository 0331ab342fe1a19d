import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoredDelivery } from "../core/delivery.ts";
import type { DeliveryFilter, Cursor } from "../core/delivery-filter.ts";

/** The bodies of a page are in memory together. */
const PAGE = 100;

/**
 * Yields all deliveries that match the filter, read in pages: a million deliveries need no more memory than a
 * hundred. With a limit it yields the newest ones, in any order. Control returns to the event loop after each page.
 */
export async function* eachDelivery(
  store: { list(filter: DeliveryFilter): Promise<StoredDelivery[]> },
  filter: DeliveryFilter,
): AsyncGenerator<StoredDelivery> {
  let after = filter.order === "oldest" && filter.limit !== undefined ? await before(store, filter) : filter.after;
  for (let left = filter.limit ?? Infinity; left > 0;) {
    const size = Math.min(PAGE, left);
    const page = await store.list({ ...filter, after, limit: size });
    yield* page;
    await nextTurn();
    after = cursorOf(page.at(-1));
    if (page.length < size || after === undefined) return;
    left -= size;
  }
}

/** The place just before the oldest of the newest ones; undefined if there are no more than the limit. */
async function before(store: Parameters<typeof eachDelivery>[0], filter: DeliveryFilter): Promise<Cursor | undefined> {
  let oldest: Cursor | undefined;
  for await (const delivery of eachDelivery(store, { ...filter, order: "newest" })) oldest = cursorOf(delivery);
  return oldest === undefined ? undefined : { ...oldest, seq: oldest.seq - 1 };
}

function cursorOf(delivery: StoredDelivery | undefined): Cursor | undefined {
  return delivery === undefined ? undefined : { receivedAt: delivery.receivedAt, seq: delivery.seq };
}
