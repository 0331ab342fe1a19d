import type { Recurrence } from "../core/delivery.ts";
import { searchText, writeHead, writeVerification } from "./delivery-row.ts";
import type { Database, SqlValue } from "./database.ts";
import { prepareForward } from "./forwards.ts";
import { FIRST, prepareIdentities } from "./identities.ts";
import type { LoggedDelivery, LogRecord } from "./log/record.ts";
import { prepareRows } from "./rows.ts";
import { prepareShared } from "./shared.ts";
import { prepareUnverified, type UnverifiedUse } from "./unverified.ts";

/** Consecutive places of the feed, assigned together. */
export interface PlaceRange {
  readonly first: number;
  readonly last: number;
  /** The number of deliveries among them. */
  readonly deliveries: number;
}

export interface Applied {
  /** State of the quota for unverified deliveries, if the records contained some. */
  readonly unverified: UnverifiedUse | undefined;
  readonly places: PlaceRange;
}

/** The row of a delivery in the tables. */
interface KnownRow {
  readonly seq: number;
  readonly isFirst: boolean;
}

/** A delivery to insert, and how it relates to earlier ones. */
type Added = readonly [place: number, delivery: LoggedDelivery, recurrence: Recurrence];

/** How many recent deliveries are cached: most answers are recorded soon, and then need no query. */
const REMEMBERED = 4_096;

/** Prepares the statements that write log records to the tables. Call the result within a transaction, in log order. */
export function prepareApply(database: Database): (records: readonly LogRecord[]) => Applied {
  const identities = prepareIdentities(database);
  const insertDeliveries = prepareRows(
    database,
    `INSERT INTO deliveries (
      seq, id, environment, received_at, event, resource_id, identity, verdict, verification, recurrence, attempt,
      duplicate_of, head, body
    )`,
    14,
  );
  const insertAnswers = prepareRows(database, "INSERT OR REPLACE INTO answers (seq, status, duration_ms, place)", 4);
  const insertForward = prepareForward(database);
  const rows = prepareLookUp(database);
  const unverified = prepareUnverified(database);
  const share = prepareShared(database);

  const takePlaces = preparePlaces(database);

  /** Adds the answers and attempts of deliveries that are in the tables. */
  const addNotes = (records: readonly Placed[]) => {
    const answers: SqlValue[][] = [];
    for (const { record, place } of records) {
      if (record.type === "answers") {
        for (const [at, [deliveryId, status, durationMs]] of record.answers.entries()) {
          const known = rows.find(deliveryId);
          if (known === undefined) continue;
          answers.push([known.seq, status, durationMs, place + at]);
          // The first delivery's own answer is found by its id when a second one is received.
          if (!known.isFirst && status >= 200 && status <= 299) identities.acknowledge(known.seq);
        }
      } else if (record.type === "forward") {
        const known = rows.find(record.attempt.deliveryId);
        if (known !== undefined) insertForward(place, known.seq, record.attempt);
      }
    }
    insertAnswers(answers);
  };

  const addDeliveries = (added: readonly Added[]) => {
    insertDeliveries(added.map(rowOf));
    for (const [seq, delivery, { kind }] of added) {
      rows.remember(delivery.id, { seq, isFirst: kind === "first" });
      if (delivery.team !== undefined) share(seq, delivery.team);
      if (delivery.unverified === undefined) continue;
      unverified.add({ seq, bytes: sizeOf(delivery), cutFrom: delivery.unverified.cutFrom });
    }
  };

  const addAll = (records: readonly Placed[]): void => {
    const deliveries = records.flatMap(({ record }) => (record.type === "delivery" ? [record.delivery] : []));
    if (identities.rememberAll(deliveries) === "all-new") {
      addDeliveries(
        records.flatMap(({ record, place }) =>
          record.type === "delivery" ? [[place, record.delivery, FIRST] as const] : [],
        ),
      );
      return addNotes(records);
    }
    // Answers logged before a repeated event decide whether it is a duplicate.
    for (const each of records) {
      const { record, place } = each;
      if (record.type === "delivery") addDeliveries([[place, record.delivery, identities.recur(record.delivery)]]);
      else addNotes([each]);
    }
  };

  return (records) => {
    const count = records.reduce((sum, record) => sum + placesOf(record), 0);
    const first = takePlaces(count);
    let place = first;
    addAll(
      records.map((record) => {
        const placed = { record, place };
        place += placesOf(record);
        return placed;
      }),
    );
    const deliveries = records.filter(({ type }) => type === "delivery").length;
    const added = records.flatMap((record) =>
      record.type === "delivery" && record.delivery.unverified !== undefined ? [record.delivery.body.length] : [],
    );
    const addedBytes = added.reduce((sum, bytes) => sum + bytes, 0);
    return {
      unverified: added.length === 0 ? undefined : { ...unverified.evict(), addedBytes },
      places: { first, last: first + count - 1, deliveries },
    };
  };
}

/** A record, and the place of its first feed entry. */
interface Placed {
  readonly record: LogRecord;
  readonly place: number;
}

/** How many feed entries a record adds. */
function placesOf(record: LogRecord): number {
  return record.type === "answers" ? record.answers.length : 1;
}

/** Reserves the next places of the feed, and returns the first. Processes of early versions do not use the counter. */
function preparePlaces(database: Database): (count: number) => number {
  const take = database.prepare(`
    UPDATE feed_end SET place = ? + max(
      place, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name IN ('deliveries', 'forwards'))
    ) RETURNING place
  `);
  return (count) => Number(take.get([count])?.["place"]) - count + 1;
}

function sizeOf({ path, headers, body }: LoggedDelivery): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, path.length + body.length);
}

function rowOf([place, delivery, recurrence]: Added): SqlValue[] {
  return [
    place,
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

/** Finds a delivery's row by its id, usually in the cache. */
function prepareLookUp(database: Database) {
  const lookUp = database.prepare("SELECT seq, recurrence FROM deliveries WHERE id = ?");
  const recent = new Map<string, KnownRow>();
  return {
    remember(id: string, row: KnownRow): void {
      recent.set(id, row);
      if (recent.size <= REMEMBERED) return;
      const [oldest] = recent.keys();
      if (oldest !== undefined) recent.delete(oldest);
    },
    find(id: string): KnownRow | undefined {
      const known = recent.get(id);
      if (known !== undefined) return known;
      const row = lookUp.get([id]);
      return row === undefined ? undefined : { seq: Number(row["seq"]), isFirst: row["recurrence"] === "first" };
    },
  };
}
