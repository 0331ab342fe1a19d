import { setTimeout as delay } from "node:timers/promises";
import type { ForwardAttempt } from "../core/forward.ts";
import { readRow, ROW_COLUMNS, type StoredDelivery } from "./delivery-row.ts";
import type { Database, Row } from "./database.ts";
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
  /**
   * The next ones, at most so many; waits until there is one, and until the file can be read. Null for a delivery that is
   * not there, or whose row cannot be read. Rejects once it is closed. One may wait at a time.
   */
  take(limit: number): Promise<readonly (DeferredDelivery | null)[]>;
  close(error: Error): void;
}

const RETRY_MS = 250;

export function createDeferredQueue(database: Database): DeferredQueue {
  const pages: (readonly (number | null)[])[] = [];
  let wake = () => {};
  let closed: Error | undefined;
  const select = database.prepare(`
    SELECT ${ROW_COLUMNS} FROM deliveries LEFT JOIN answers USING (seq) WHERE seq IN (SELECT value FROM json_each(?))
  `);
  const attemptsOf = prepareAttempts(database);

  const read = (row: Row): DeferredDelivery | null => {
    try {
      const delivery = readRow(row);
      return { delivery, attempts: delivery.forwardStatus === undefined ? [] : attemptsOf(delivery) };
    } catch {
      return null;
    }
  };

  const readAll = (seqs: readonly (number | null)[]): (DeferredDelivery | null)[] => {
    const rows = new Map(select.all([JSON.stringify(seqs)]).map((row) => [Number(row["seq"]), row]));
    return seqs.map((seq) => {
      const row = seq === null ? undefined : rows.get(seq);
      return row === undefined ? null : read(row);
    });
  };

  return {
    add(seqs) {
      pages.push(seqs);
      wake();
    },
    async take(limit) {
      for (;;) {
        if (closed !== undefined) throw closed;
        const [first] = pages;
        if (first === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        try {
          const page = readAll(first.slice(0, limit));
          pages.splice(0, 1, ...(first.length > limit ? [first.slice(limit)] : []));
          return page;
        } catch {
          await delay(RETRY_MS);
        }
      }
    },
    close(error) {
      closed = error;
      wake();
    },
  };
}
