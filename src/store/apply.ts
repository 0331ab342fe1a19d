import type { Recurrence } from "../core/delivery.ts";
import { searchText, writeHead, writeVerification } from "./delivery-row.ts";
import type { Database } from "./driver.ts";
import { prepareForward } from "./forwards.ts";
import type { LoggedDelivery, LogRecord } from "./log/record.ts";

/** What became of a delivery in the tables. */
export interface IndexedDelivery {
  readonly seq: number;
  readonly recurrence: Recurrence;
}

/** How many of the newest deliveries are remembered: most answers come soon, and then need not look for theirs. */
const REMEMBERED = 4_096;

/** Prepares the writes of what is logged. To be called within a transaction, in the order of the log. */
export function prepareApply(database: Database): (record: LogRecord) => IndexedDelivery | undefined {
  const insertDelivery = prepareDelivery(database);
  const insertAnswer = database.prepare("INSERT OR REPLACE INTO answers (seq, status, duration_ms) VALUES (?, ?, ?)");
  const acknowledge = database.prepare(`
    UPDATE identities SET acknowledged = 1 WHERE acknowledged = 0 AND (environment, key) = (
      SELECT environment, identity FROM deliveries WHERE seq = ?
    )
  `);
  const insertForward = prepareForward(database);
  const lookUp = database.prepare("SELECT seq, recurrence FROM deliveries WHERE id = ?");
  const recent = new Map<string, { readonly seq: number; readonly isFirst: boolean }>();

  const remember = (id: string, { seq, recurrence }: IndexedDelivery) => {
    recent.set(id, { seq, isFirst: recurrence.kind === "first" });
    if (recent.size <= REMEMBERED) return;
    const [oldest] = recent.keys();
    if (oldest !== undefined) recent.delete(oldest);
  };
  const find = (id: string) => {
    const known = recent.get(id);
    if (known !== undefined) return known;
    const row = lookUp.get([id]);
    return row === undefined ? undefined : { seq: Number(row["seq"]), isFirst: row["recurrence"] === "first" };
  };

  return (record) => {
    switch (record.type) {
      case "delivery": {
        const indexed = insertDelivery(record.delivery);
        remember(record.delivery.id, indexed);
        return indexed;
      }
      case "answer": {
        const known = find(record.deliveryId);
        if (known === undefined) return undefined;
        const { status, durationMs } = record.answer;
        insertAnswer.run([known.seq, status, durationMs]);
        // The first delivery's own answer is found from its id when a second one comes.
        if (!known.isFirst && status >= 200 && status <= 299) acknowledge.run([known.seq]);
        return undefined;
      }
      case "forward": {
        const known = find(record.attempt.deliveryId);
        if (known !== undefined) insertForward(known.seq, record.attempt);
        return undefined;
      }
      default:
        return record satisfies never;
    }
  };
}

function prepareDelivery(database: Database): (delivery: LoggedDelivery) => IndexedDelivery {
  const recur = prepareRecurrence(database);
  const insert = database.prepare(`
    INSERT INTO deliveries (
      id, environment, received_at, event, resource_id, identity, verdict, verification, recurrence, attempt,
      duplicate_of, head, body
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);
  return (delivery) => {
    const recurrence = recur(delivery);
    const { lastRowId } = insert.run([
      delivery.id,
      delivery.environment,
      delivery.receivedAt,
      searchText(delivery.event),
      searchText(delivery.resourceId),
      delivery.identityKey,
      delivery.verification.verdict,
      writeVerification(delivery.verification),
      recurrence.kind,
      recurrence.attempt,
      recurrence.duplicateOf ?? null,
      writeHead(delivery),
      delivery.body,
    ]);
    return { seq: lastRowId, recurrence };
  };
}

/**
 * Decides whether the event was here before, and counts it. A row for each event answers that at once, however often it
 * was repeated. The first delivery's answer is looked up only when a second one comes: most events come once.
 */
function prepareRecurrence(database: Database): (delivery: LoggedDelivery) => Recurrence {
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
  return ({ id, environment, identityKey: key, receivedAt }) => {
    if (key === null || remember.run([environment, key, id, receivedAt]).changes > 0) {
      return { kind: "first", attempt: 1 };
    }
    const known = recall.get([environment, key]);
    const attempt = Number(known?.["attempts"]) + 1;
    const isAcknowledged = Number(known?.["acknowledged"]);
    recount.run([attempt, isAcknowledged, receivedAt, environment, key]);
    return { kind: isAcknowledged === 1 ? "duplicate" : "retry", attempt, duplicateOf: String(known?.["first_id"]) };
  };
}
