import type { Recurrence } from "../core/delivery.ts";
import { searchText, writeHead, writeVerification } from "./delivery-row.ts";
import type { Database, SqlValue } from "./database.ts";
import { prepareForward } from "./forwards.ts";
import { FIRST, prepareIdentities } from "./identities.ts";
import type { LoggedDelivery, LogRecord } from "./log/record.ts";
import { prepareRows } from "./rows.ts";
import { prepareUnverified, type UnverifiedUse } from "./unverified.ts";

/** What became of a delivery in the tables. */
export interface IndexedDelivery {
  readonly id: string;
  readonly seq: number;
  readonly recurrence: Recurrence;
}

export interface Applied {
  /** How the quota of what is not verified stands, if some of that was among the records. */
  readonly unverified: UnverifiedUse | undefined;
  /** What became of the deliveries among the records, in their order. */
  readonly deliveries: readonly IndexedDelivery[];
  /** Where the deferred deliveries are; null for one that is not there. */
  readonly deferred: readonly (number | null)[];
}

/** How many of the newest deliveries are remembered: most answers come soon, and then need not look for theirs. */
const REMEMBERED = 4_096;

/** Prepares the writes of what is logged. To be called within a transaction, in the order of the log. */
export function prepareApply(database: Database): (records: readonly LogRecord[]) => Applied {
  const identities = prepareIdentities(database);
  const insertDeliveries = prepareRows(
    database,
    `INSERT INTO deliveries (
      id, environment, received_at, event, resource_id, identity, verdict, verification, recurrence, attempt,
      duplicate_of, head, body
    )`,
    13,
  );
  const insertAnswers = prepareRows(database, "INSERT OR REPLACE INTO answers (seq, status, duration_ms)", 3);
  const insertForward = prepareForward(database);
  const rows = prepareLookUp(database);
  const unverified = prepareUnverified(database);

  /** The answers and attempts that are told of deliveries which are in the tables by now. */
  const addNotes = (records: readonly LogRecord[]) => {
    const answers: SqlValue[][] = [];
    for (const record of records) {
      if (record.type === "answers") {
        for (const [deliveryId, status, durationMs] of record.answers) {
          const known = rows.find(deliveryId);
          if (known === undefined) continue;
          answers.push([known.seq, status, durationMs]);
          // The first delivery's own answer is found from its id when a second one comes.
          if (!known.isFirst && status >= 200 && status <= 299) identities.acknowledge(known.seq);
        }
      } else if (record.type === "forward") {
        const known = rows.find(record.attempt.deliveryId);
        if (known !== undefined) insertForward(known.seq, record.attempt);
      }
    }
    insertAnswers(answers);
  };

  const addDeliveries = (added: readonly (readonly [delivery: LoggedDelivery, recurrence: Recurrence])[]) => {
    const { lastRowId } = insertDeliveries(added.map(([delivery, recurrence]) => rowOf(delivery, recurrence)));
    return added.map(([delivery, recurrence], at): IndexedDelivery => {
      const { id } = delivery;
      const indexed = { id, seq: lastRowId - added.length + 1 + at, recurrence };
      rows.remember(id, indexed);
      if (delivery.unverified !== undefined) {
        unverified.add({ seq: indexed.seq, bytes: sizeOf(delivery), cutFrom: delivery.unverified.cutFrom });
      }
      return indexed;
    });
  };

  const addAll = (records: readonly LogRecord[]): IndexedDelivery[] => {
    const deliveries = records.flatMap((record) => (record.type === "delivery" ? [record.delivery] : []));
    if (identities.rememberAll(deliveries) === "all-new") {
      const indexed = addDeliveries(deliveries.map((delivery) => [delivery, FIRST]));
      addNotes(records);
      return indexed;
    }
    // Whether a repeated event is a duplicate depends on the answers that were logged before it.
    return records.flatMap((record) => {
      if (record.type === "delivery") return addDeliveries([[record.delivery, identities.recur(record.delivery)]]);
      addNotes([record]);
      return [];
    });
  };

  return (records) => {
    const deliveries = addAll(records);
    const ids = records.flatMap((record) => (record.type === "deferred" ? record.deliveryIds : []));
    const added = records.flatMap((record) =>
      record.type === "delivery" && record.delivery.unverified !== undefined ? [record.delivery.body.length] : [],
    );
    const addedBytes = added.reduce((sum, bytes) => sum + bytes, 0);
    return {
      unverified: added.length === 0 ? undefined : { ...unverified.evict(), addedBytes },
      deliveries,
      deferred: ids.map((id) => rows.find(id)?.seq ?? null),
    };
  };
}

function sizeOf({ path, headers, body }: LoggedDelivery): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, path.length + body.length);
}

function rowOf(delivery: LoggedDelivery, recurrence: Recurrence): SqlValue[] {
  return [
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
  ];
}

/** Finds a delivery's row by its id, mostly from memory. */
function prepareLookUp(database: Database) {
  const lookUp = database.prepare("SELECT seq, recurrence FROM deliveries WHERE id = ?");
  const recent = new Map<string, { readonly seq: number; readonly isFirst: boolean }>();
  return {
    remember(id: string, { seq, recurrence }: IndexedDelivery): void {
      recent.set(id, { seq, isFirst: recurrence.kind === "first" });
      if (recent.size <= REMEMBERED) return;
      const [oldest] = recent.keys();
      if (oldest !== undefined) recent.delete(oldest);
    },
    find(id: string): { readonly seq: number; readonly isFirst: boolean } | undefined {
      const known = recent.get(id);
      if (known !== undefined) return known;
      const row = lookUp.get([id]);
      return row === undefined ? undefined : { seq: Number(row["seq"]), isFirst: row["recurrence"] === "first" };
    },
  };
}
