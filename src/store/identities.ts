import type { Recurrence } from "../core/delivery.ts";
import type { Database } from "./database.ts";
import type { LoggedDelivery } from "./log/record.ts";
import { prepareRows } from "./rows.ts";

export const FIRST: Recurrence = { kind: "first", attempt: 1 };

/** The known events, each with its number of deliveries. Use it within a transaction. */
export interface Identities {
  /** Inserts a row for each unknown event. `all-new`: all were unknown, and no two are the same. */
  rememberAll(deliveries: readonly LoggedDelivery[]): "all-new" | "some-known";
  /** Counts a delivery whose event has a row. */
  recur(delivery: LoggedDelivery): Recurrence;
  /** Records that the event of the delivery in this row was answered 2xx. */
  acknowledge(seq: number): void;
}

/**
 * Recognizes repeated events and counts them. A row for each event makes this one lookup, however often the event was
 * repeated. The first delivery's answer is looked up only when a second one is received: most events are delivered
 * once.
 */
export function prepareIdentities(database: Database): Identities {
  const remember = prepareRows(
    database,
    "INSERT INTO identities (environment, key, first_id, attempts, acknowledged, last_received_at)",
    6,
    "ON CONFLICT DO NOTHING",
  );
  const recall = database.prepare(`
    SELECT first_id, attempts, acknowledged OR EXISTS (
      SELECT 1 FROM deliveries JOIN answers USING (seq) WHERE id = first_id AND status BETWEEN 200 AND 299
    ) AS acknowledged
    FROM identities WHERE environment = ? AND key = ?
  `);
  const recount = database.prepare(`
    UPDATE identities SET attempts = ?, acknowledged = ?, last_received_at = max(last_received_at, ?)
    WHERE environment = ? AND key = ?
  `);
  const acknowledge = database.prepare(`
    UPDATE identities SET acknowledged = 1 WHERE acknowledged = 0 AND (environment, key) = (
      SELECT environment, identity FROM deliveries WHERE seq = ?
    )
  `);
  return {
    rememberAll(deliveries: readonly LoggedDelivery[]): "all-new" | "some-known" {
      const rows = deliveries.flatMap(({ environment, identityKey, id, receivedAt }) =>
        identityKey === null ? [] : [[environment, identityKey, id, 1, 0, receivedAt]],
      );
      return remember(rows).changes === rows.length ? "all-new" : "some-known";
    },
    recur({ id, environment, identityKey: key, receivedAt }: LoggedDelivery): Recurrence {
      const known = key === null ? undefined : recall.get([environment, key]);
      const firstId = known?.["first_id"];
      if (known === undefined || firstId === id) return FIRST;
      const attempt = Number(known["attempts"]) + 1;
      const isAcknowledged = Number(known["acknowledged"]);
      recount.run([attempt, isAcknowledged, receivedAt, environment, key]);
      return { kind: isAcknowledged === 1 ? "duplicate" : "retry", attempt, duplicateOf: String(firstId) };
    },
    acknowledge(seq: number): void {
      acknowledge.run([seq]);
    },
  };
}
