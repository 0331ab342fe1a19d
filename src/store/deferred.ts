import type { ForwardAttempt } from "../core/forward.ts";
import { readRow, ROW_COLUMNS, type StoredDelivery } from "./delivery-row.ts";
import type { Database } from "./driver.ts";
import { prepareAttempts } from "./forwards.ts";

/** A delivery that was let go of in a flood, as the tables have it. */
export interface DeferredDelivery {
  readonly delivery: StoredDelivery;
  /** What was recorded before it was let go of, the oldest first. */
  readonly attempts: readonly ForwardAttempt[];
}

/** Where deferred deliveries wait, as mere numbers, until somebody takes them. */
export interface DeferredQueue {
  /** Rows of `deliveries`; null for a delivery that the tables do not take. */
  add(seqs: readonly (number | null)[]): void;
  /** The next ones, at most so many; waits until there is one. Null for a delivery that is not there. */
  take(limit: number): Promise<readonly (DeferredDelivery | null)[]>;
  /** Rejects who waits. */
  close(error: Error): void;
}

export function createDeferredQueue(database: Database): DeferredQueue {
  const pages: (readonly (number | null)[])[] = [];
  let waiter: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  const select = database.prepare(`
    SELECT ${ROW_COLUMNS} FROM deliveries LEFT JOIN answers USING (seq) WHERE seq IN (SELECT value FROM json_each(?))
  `);
  const attemptsOf = prepareAttempts(database);
  return {
    add(seqs) {
      pages.push(seqs);
      waiter?.resolve();
    },
    async take(limit) {
      if (pages.length === 0) await new Promise<void>((resolve, reject) => (waiter = { resolve, reject }));
      const [first = []] = pages;
      const seqs = first.slice(0, limit);
      const rows = select.all([JSON.stringify(seqs)]).map(readRow);
      const found = new Map(rows.map((delivery) => [delivery.seq, delivery]));
      const page = seqs.map((seq) => {
        const delivery = seq === null ? undefined : found.get(seq);
        if (delivery === undefined) return null;
        return { delivery, attempts: delivery.forwardStatus === undefined ? [] : attemptsOf(delivery) };
      });
      // Not before they could be read.
      pages.splice(0, 1, ...(first.length > limit ? [first.slice(limit)] : []));
      return page;
    },
    close: (error) => waiter?.reject(error),
  };
}
