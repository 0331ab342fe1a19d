import type { Answer, Delivery, RecordedDelivery, Recurrence, Verification } from "../core/delivery.ts";
import { searchText, writeHead, writeVerification, type StoredDelivery } from "./delivery-row.ts";
import type { Database } from "./driver.ts";

export type Append = (delivery: Delivery, verification: Verification, environment: string) => StoredDelivery;
export type RecordAnswer = (delivery: AnsweredDelivery, answer: Answer) => void;
/** What an answer needs to know of its delivery. */
export type AnsweredDelivery = Pick<RecordedDelivery, "id" | "environment" | "identity" | "recurrence">;

/** Prepares the write of one delivery. To be called within a transaction. */
export function prepareAppend(database: Database): Append {
  const recur = prepareRecurrence(database);
  const insert = database.prepare(`
    INSERT INTO deliveries (
      id, environment, received_at, event, resource_id, identity, verdict, verification, recurrence, attempt,
      duplicate_of, head, body
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);
  return (delivery, verification, environment) => {
    const recurrence = recur(delivery, environment);
    const { lastRowId } = insert.run([
      delivery.id,
      environment,
      delivery.receivedAt,
      searchText(delivery.event),
      searchText(delivery.resourceId),
      delivery.identity.key,
      verification.verdict,
      writeVerification(verification),
      recurrence.kind,
      recurrence.attempt,
      recurrence.duplicateOf ?? null,
      writeHead(delivery),
      delivery.body,
    ]);
    return { ...delivery, verification, recurrence, environment, seq: lastRowId };
  };
}

/**
 * Decides whether the event was here before, and counts it. A row for each event answers that at once, however often it
 * was repeated. The first delivery's answer is looked up only when a second one comes: most events come once.
 */
function prepareRecurrence(database: Database): (delivery: Delivery, environment: string) => Recurrence {
  const remember = database.prepare(`
    INSERT INTO identities (environment, key, first_id, attempts, acknowledged, last_received_at)
    VALUES (?, ?, ?, 1, 0, ?) ON CONFLICT DO NOTHING
  `);
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
  return (delivery, environment) => {
    const { key } = delivery.identity;
    if (key === null || remember.run([environment, key, delivery.id, delivery.receivedAt]).changes > 0) {
      return { kind: "first", attempt: 1 };
    }
    const known = recall.get([environment, key]);
    const attempt = Number(known?.["attempts"]) + 1;
    const isAcknowledged = Number(known?.["acknowledged"]);
    recount.run([attempt, isAcknowledged, delivery.receivedAt, environment, key]);
    return { kind: isAcknowledged === 1 ? "duplicate" : "retry", attempt, duplicateOf: String(known?.["first_id"]) };
  };
}

/** Prepares the write of what a delivery was answered. To be called within a transaction. */
export function prepareAnswer(database: Database): RecordAnswer {
  const insert = database.prepare(`
    INSERT OR REPLACE INTO answers (seq, status, duration_ms) SELECT seq, ?, ? FROM deliveries WHERE id = ?
  `);
  const acknowledge = database.prepare(`
    UPDATE identities SET acknowledged = 1 WHERE environment = ? AND key = ? AND acknowledged = 0
  `);
  return ({ id, environment, identity, recurrence }, answer) => {
    insert.run([answer.status, answer.durationMs, id]);
    // The first delivery's own answer is found from its id when a second one comes.
    if (recurrence.kind === "first" || answer.status < 200 || answer.status > 299) return;
    acknowledge.run([environment, identity.key]);
  };
}
