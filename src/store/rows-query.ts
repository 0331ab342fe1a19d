import { BAD_VERDICTS, type Answer, type Outcome, type Recurrence, type Verification } from "../core/delivery.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import { readAnswer } from "./delivery-row.ts";
import { DECISIVE_FORWARD, IS_OK, readOutcome } from "./outcome.ts";
import type { Database, Row } from "./database.ts";
import { BLOCK } from "./search/search-file.ts";
import { conditionsOf, namedAny, wantedNames, whereAll, type Condition } from "./filter.ts";

/** Selects rows. Their order and their pages are by place. */
export type RowFilter = Omit<DeliveryFilter, "after" | "afterSeq" | "order" | "limit">;

/** A part of the feed: after `after`, up to `upTo`; if there are `blocks`, only the places in them. */
export interface Span {
  readonly after: number;
  readonly upTo: number;
  readonly blocks?: readonly number[];
}

/** A delivery for a list: without headers, and with its body only if that is small. */
export interface ListedDelivery {
  readonly seq: number;
  readonly id: string;
  readonly environment: string;
  readonly receivedAt: number;
  readonly event: string | null;
  readonly resourceId: string | null;
  readonly verification: Verification;
  readonly recurrence: Recurrence;
  readonly answer: Answer | undefined;
  readonly outcome?: Outcome;
  /** The attempt that decides the outcome; status null if the app did not answer. */
  readonly forward: { readonly status: number | null; readonly durationMs: number } | undefined;
  readonly bytes: number;
  readonly body: Buffer | undefined;
}

/** Larger bodies are not read for a list. */
const MAX_LISTED_BYTES = 64 * 1024;

const SOURCE = "FROM deliveries LEFT JOIN answers USING (seq)";

const OFFSETS = JSON.stringify(Array.from({ length: BLOCK }, (_, offset) => offset));
const IN_BLOCKS = `seq IN (SELECT b.value * ${BLOCK} + o.value FROM json_each(?) b, json_each(?) o)`;

function chosen(database: Database, filter: RowFilter, { after, upTo, blocks }: Span, isInOrder: boolean) {
  const names = wantedNames(database, filter);
  const conditions: Condition[] = [
    { sql: "seq > ?", parameters: [after] },
    { sql: "seq <= ?", parameters: [upTo] },
    ...(blocks === undefined ? [] : [{ sql: IN_BLOCKS, parameters: [JSON.stringify(blocks), OFFSETS] }]),
    ...conditionsOf(filter),
    ...(names === undefined ? [] : [namedAny(names, { isInOrder })]),
  ];
  return whereAll(conditions);
}

/** Places of the deliveries that match the filter, in the requested order. */
export function findSeqs(
  database: Database,
  filter: RowFilter,
  span: Span,
  page: {
    readonly order: "newest" | "oldest";
    readonly offset: number;
    readonly limit: number;
    /** Whether few rows match: then an index is faster than the order. */
    readonly isFew: boolean;
  },
): number[] {
  const { sql, parameters } = chosen(database, filter, span, !page.isFew);
  const direction = page.order === "newest" ? "DESC" : "ASC";
  return database
    .prepare(`SELECT seq ${SOURCE} ${sql} ORDER BY seq ${direction} LIMIT ? OFFSET ?`)
    .all([...parameters, page.limit, page.offset])
    .map((row) => Number(row["seq"]));
}

/** The number of rows that match the filter. */
export function countRows(database: Database, filter: RowFilter, span: Span): number {
  const { sql, parameters } = chosen(database, filter, span, span.after > 0);
  return Number(database.prepare(`SELECT count(*) AS count ${SOURCE} ${sql}`).get(parameters)?.["count"]);
}

/** The number of deliveries up to a place: an index counts all, and few are newer. */
export function countAll(database: Database, upTo: number): number {
  const count = (where: string, parameters: readonly number[] = []) =>
    Number(database.prepare(`SELECT count(*) AS count FROM deliveries ${where}`).get(parameters)?.["count"]);
  return count("") - count("WHERE seq > ?", [upTo]);
}

/** The places that match the filter. */
export function filterSeqs(database: Database, filter: RowFilter, seqs: readonly number[]): Set<number> {
  const { sql, parameters } = chosen(database, filter, { after: 0, upTo: Math.max(0, ...seqs) }, true);
  const rows = database
    .prepare(`SELECT seq ${SOURCE} ${sql} AND seq IN (SELECT value FROM json_each(?))`)
    .all([...parameters, JSON.stringify(seqs)]);
  return new Set(rows.map((row) => Number(row["seq"])));
}

/** The deliveries at these places, the newest first. */
export function rowsAt(database: Database, seqs: readonly number[]): ListedDelivery[] {
  return database
    .prepare(
      `SELECT deliveries.seq, id, environment, received_at, event, resource_id, verification, recurrence, attempt,
        duplicate_of, answers.status, answers.duration_ms, last.seq AS forward_seq, last.status AS forward_status,
        last.duration_ms AS forward_ms, ${IS_OK} AS is_ok, cut_from, length(deliveries.body) AS bytes,
        CASE WHEN length(deliveries.body) <= ${MAX_LISTED_BYTES} THEN deliveries.body END AS body
      FROM deliveries
      LEFT JOIN answers USING (seq)
      LEFT JOIN unverified ON unverified.seq = deliveries.seq
      LEFT JOIN forwards last ON last.seq = (${DECISIVE_FORWARD})
      WHERE deliveries.seq IN (SELECT value FROM json_each(?)) ORDER BY deliveries.seq DESC`,
    )
    .all([JSON.stringify(seqs)])
    .map(readListed);
}

function readListed(row: Row): ListedDelivery {
  const text = (column: string) => (row[column] === null ? null : (JSON.parse(String(row[column])) as string));
  const { duplicate_of: duplicateOf, body, status, forward_status: forwardStatus } = row;
  return {
    seq: Number(row["seq"]),
    id: String(row["id"]),
    environment: String(row["environment"]),
    receivedAt: Number(row["received_at"]),
    event: text("event"),
    resourceId: text("resource_id"),
    verification: JSON.parse(String(row["verification"])) as Verification,
    recurrence: {
      kind: row["recurrence"] as Recurrence["kind"],
      attempt: Number(row["attempt"]),
      ...(typeof duplicateOf === "string" ? { duplicateOf } : {}),
    },
    answer: typeof status === "number" ? readAnswer([status, Number(row["duration_ms"])]) : undefined,
    ...readOutcome(row["is_ok"]),
    forward:
      row["forward_seq"] === null
        ? undefined
        : {
            status: typeof forwardStatus === "number" ? forwardStatus : null,
            durationMs: Number(row["forward_ms"]),
          },
    bytes: Number(row["cut_from"] ?? row["bytes"]),
    body: body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : undefined,
  };
}

/** Deliveries up to `after` that were forwarded or answered within the span. */
export function touchedSeqs(database: Database, { after, upTo }: Span): number[] {
  return database
    .prepare(
      `SELECT delivery_seq AS seq FROM forwards WHERE seq > ?1 AND seq <= ?2 AND delivery_seq <= ?1
      UNION SELECT seq FROM answers WHERE place > ?1 AND place <= ?2 AND seq <= ?1`,
    )
    .all([after, upTo])
    .map((row) => Number(row["seq"]));
}

/** The number of deliveries in a span, and the places of those that need attention. */
export interface SpanCounts {
  readonly all: number;
  readonly badSignature: readonly number[];
  readonly repeated: readonly number[];
  readonly failed: readonly number[];
}

const BAD = `verdict IN (${BAD_VERDICTS.map((verdict) => `'${verdict}'`).join(", ")})`;

export function countSpan(database: Database, { after, upTo }: Span): SpanCounts {
  const row = database
    .prepare(
      `SELECT count(*) AS total, json_group_array(seq) FILTER (WHERE ${BAD}) AS bad,
        json_group_array(seq) FILTER (WHERE attempt > 1) AS repeated
      FROM deliveries WHERE seq > ? AND seq <= ?`,
    )
    .get([after, upTo]);
  const failed = database
    .prepare(`SELECT seq ${SOURCE} WHERE seq > ? AND seq <= ? AND ${IS_OK} = 0`)
    .all([after, upTo])
    .map(({ seq }) => Number(seq));
  const seqs = (column: string) => JSON.parse(String(row?.[column] ?? "[]")) as number[];
  return { all: Number(row?.["total"] ?? 0), badSignature: seqs("bad"), repeated: seqs("repeated"), failed };
}

/** The place before this many newest deliveries, by an index; 0 if there are fewer. */
export function placeBefore(database: Database, count: number): number {
  const row = database.prepare("SELECT seq FROM deliveries ORDER BY received_at DESC LIMIT 1 OFFSET ?").get([count]);
  return Number(row?.["seq"] ?? 0);
}

/** Deliveries after a place, over time: successful and failed ones, in intervals of this length in milliseconds. */
export function bucketRows(
  database: Database,
  filter: RowFilter,
  after: number,
  bucketMs: number,
): { readonly at: number; readonly ok: number; readonly failed: number }[] {
  const { sql, parameters } = chosen(database, filter, { after, upTo: Number.MAX_SAFE_INTEGER }, false);
  return database
    .prepare(
      `SELECT received_at / CAST(? AS INTEGER) AS bucket, sum(coalesce(${IS_OK}, 0)) AS ok, count(*) AS total ${SOURCE} ${sql}
      GROUP BY 1 ORDER BY 1`,
    )
    .all([bucketMs, ...parameters])
    .map((row) => {
      const ok = Number(row["ok"]);
      return { at: Number(row["bucket"]) * bucketMs, ok, failed: Number(row["total"]) - ok };
    });
}
