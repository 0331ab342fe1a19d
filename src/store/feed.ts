import type { StoredDelivery } from "../core/delivery.ts";
import type { FeedEntry, FeedSubject } from "../core/facts.ts";
import type { Database, Row } from "./database.ts";
import { readRow, ROW_COLUMNS, readAnswer } from "./delivery-row.ts";
import { conditionsOf, namedAny, wantedNames, whereAll } from "./filter.ts";
import { readAttempt } from "./forwards.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";

/** Selects entries after `after`, of deliveries that match the filter. */
export interface FeedQuery {
  readonly filter?: Pick<DeliveryFilter, "environment" | "events" | "resourceId" | "verdicts" | "isRepeated">;
  readonly after: number;
  /** The last place; absent: up to the last committed entry. */
  readonly until?: number | undefined;
  readonly limit: number;
}

export interface FeedPage {
  /** In order of their places. */
  readonly entries: readonly FeedEntry[];
  /** Where the next page begins. */
  readonly reached: number;
  readonly isMore: boolean;
}

/** The place of the last committed entry; 0 in an empty store. */
export function lastPlace(database: Database): number {
  return Number(database.prepare("SELECT place FROM feed_end").get([])?.["place"] ?? 0);
}

const SUBJECT_COLUMNS = "d.seq AS subject_seq, d.id, d.event, d.resource_id, d.received_at";

/**
 * A page of the feed. One counter numbers deliveries, attempts and answers, so a page is three merged ranges. Entries
 * with unreadable rows are left out.
 */
export function readFeed(database: Database, query: FeedQuery): FeedPage {
  return prepareFeed(database, query.filter)(query);
}

/**
 * Prepares pages of the feed for repeated requests. The filter's event names are resolved now, from the stored ones.
 */
export function prepareFeed(
  database: Database,
  filter: FeedQuery["filter"] = {},
): (query: Omit<FeedQuery, "filter">) => FeedPage {
  const names = wantedNames(database, filter);
  const { sql, parameters } = whereAll([
    ...conditionsOf(filter),
    ...(names === undefined ? [] : [namedAny(names, { isInOrder: true })]),
  ]);
  const prepare = (select: string, place: string, entryOf: (row: Row) => FeedEntry) => {
    const range = database.prepare(`${select} ${sql} AND ${place} > ? AND ${place} <= ? ORDER BY ${place} LIMIT ?`);
    return (after: number, until: number, limit: number) =>
      range.all([...parameters, after, until, limit]).map((row) => ({ place: Number(row["place"]), row, entryOf }));
  };
  const reads = [
    prepare(
      `SELECT seq AS place, ${ROW_COLUMNS} FROM deliveries LEFT JOIN answers USING (seq)`,
      "deliveries.seq",
      (row) => ({ type: "delivery", place: Number(row["place"]), delivery: readRow(row) }),
    ),
    prepare(
      `SELECT f.seq AS place, f.*, ${SUBJECT_COLUMNS} FROM forwards f JOIN deliveries d ON d.seq = f.delivery_seq`,
      "f.seq",
      (row) => ({
        type: "forward",
        place: Number(row["place"]),
        attempt: readAttempt(String(row["id"]), row),
        subject: subjectOf(row),
      }),
    ),
    prepare(
      `SELECT a.place, a.status, a.duration_ms, ${SUBJECT_COLUMNS} FROM answers a JOIN deliveries d USING (seq)`,
      "a.place",
      (row) => answerEntry(row, subjectOf(row)),
    ),
  ];
  return ({ after, limit, until = lastPlace(database) }) => {
    const ranges = reads.map((read) => read(after, until, limit));
    const merged = ranges.flat().toSorted((one, other) => one.place - other.place);
    const page = merged.slice(0, limit);
    const isMore = merged.length > limit || ranges.some((range) => range.length === limit);
    return {
      entries: page.flatMap(({ row, entryOf }) => attemptToRead(() => entryOf(row))),
      reached: isMore ? (page.at(-1)?.place ?? until) : until,
      isMore,
    };
  };
}

/** The entries of a delivery up to a place. Early versions gave answers no place, so theirs count as earlier. */
export function entriesOf(database: Database, subject: StoredDelivery, until: number): FeedEntry[] {
  const attempts = database
    .prepare("SELECT * FROM forwards WHERE delivery_seq = ? AND seq <= ? ORDER BY seq")
    .all([subject.seq, until]);
  const answer = database
    .prepare("SELECT status, duration_ms, place FROM answers WHERE seq = ? AND coalesce(place, 0) <= ?")
    .get([subject.seq, until]);
  return [
    ...attempts.map((row): FeedEntry => {
      return { type: "forward", place: Number(row["seq"]), attempt: readAttempt(subject.id, row), subject };
    }),
    ...(answer === undefined ? [] : [answerEntry(answer, subject)]),
  ];
}

function answerEntry(row: Row, subject: FeedSubject): FeedEntry {
  const answer = readAnswer([Number(row["status"]), Number(row["duration_ms"])]);
  return { type: "answer", place: Number(row["place"]), answer, subject };
}

function subjectOf(row: Row): FeedSubject {
  const text = (column: string) => (row[column] === null ? null : (JSON.parse(String(row[column])) as string));
  return {
    id: String(row["id"]),
    seq: Number(row["subject_seq"]),
    event: text("event"),
    resourceId: text("resource_id"),
    receivedAt: Number(row["received_at"]),
  };
}

function attemptToRead(read: () => FeedEntry): FeedEntry[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}
