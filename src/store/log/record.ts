import { crc32 } from "node:zlib";
import type { Delivery, HeaderPair, Verification } from "../../core/delivery.ts";
import type { ExchangeFailure } from "../../core/exchange.ts";
import type { ForwardAttempt, ForwardCause } from "../../core/forward.ts";
import type { AnswerColumns } from "../answer-row.ts";

/** What the tables need of a delivery. What its bytes mean was read before, and is not read again to index them. */
export interface LoggedDelivery extends Pick<
  Delivery,
  "id" | "method" | "path" | "headers" | "receivedAt" | "event" | "resourceId" | "body"
> {
  readonly environment: string;
  readonly identityKey: string | null;
  readonly verification: Verification;
}

/** An answer as it is logged: of which delivery, and as the tables hold it. */
export type LoggedAnswer = readonly [deliveryId: string, ...AnswerColumns];

/** What happened, in the order in which it happened. */
export type LogRecord =
  | { readonly type: "delivery"; readonly delivery: LoggedDelivery }
  | { readonly type: "answers"; readonly answers: readonly LoggedAnswer[] }
  | { readonly type: "forward"; readonly attempt: ForwardAttempt }
  /** These are to be handed back, once everything that stands before is in the tables. */
  | { readonly type: "deferred"; readonly deliveryIds: readonly string[] };

// A record: length of the rest, CRC-32 of the rest, type, length of the JSON, the JSON, and the bytes that go with it.
const LENGTH_AT = 0;
const CRC_AT = 4;
const TYPE_AT = 8;
const JSON_LENGTH_AT = 9;
const JSON_AT = 13;

const TYPES = ["delivery", "answers", "forward", "deferred"] as const satisfies LogRecord["type"][];

/** The records as they stand in a log, one after the other. */
export function encodeRecords(records: readonly LogRecord[]): Buffer {
  const parts = records.map(partsOf);
  const bytes = Buffer.allocUnsafe(
    parts.reduce((sum, { jsonLength, body }) => sum + JSON_AT + jsonLength + body.length, 0),
  );
  let at = 0;
  for (const { type, json, jsonLength, body } of parts) {
    const bodyAt = at + JSON_AT + jsonLength;
    const next = bodyAt + body.length;
    bytes.writeUInt32LE(next - at - TYPE_AT, at + LENGTH_AT);
    bytes.writeUInt8(type, at + TYPE_AT);
    bytes.writeUInt32LE(jsonLength, at + JSON_LENGTH_AT);
    bytes.write(json, at + JSON_AT);
    bytes.set(body, bodyAt);
    bytes.writeUInt32LE(crc32(bytes.subarray(at + TYPE_AT, next)), at + CRC_AT);
    at = next;
  }
  return bytes;
}

/**
 * The record that begins at `at`, and where the next one does. Undefined where the bytes end before it does, or are not
 * what was written: a process that was killed in the middle leaves half of one at the end.
 */
export function decodeRecord(
  bytes: Buffer,
  at: number,
): { readonly record: LogRecord; readonly next: number } | undefined {
  if (at + JSON_AT > bytes.length) return undefined;
  const next = at + TYPE_AT + bytes.readUInt32LE(at + LENGTH_AT);
  const jsonEnd = at + JSON_AT + bytes.readUInt32LE(at + JSON_LENGTH_AT);
  if (next > bytes.length || jsonEnd > next) return undefined;
  if (crc32(bytes.subarray(at + TYPE_AT, next)) !== bytes.readUInt32LE(at + CRC_AT)) return undefined;
  const type = TYPES[bytes.readUInt8(at + TYPE_AT)];
  const fields: unknown = JSON.parse(bytes.toString("utf8", at + JSON_AT, jsonEnd));
  const record = recordOf(type, fields, bytes.subarray(jsonEnd, next));
  return record === undefined ? undefined : { record, next };
}

/** How many bytes the record at `at` takes, from its first ones; 0 if they are too few to tell. */
export function lengthOfRecord(bytes: Buffer, at: number): number {
  return at + 4 > bytes.length ? 0 : TYPE_AT + bytes.readUInt32LE(at + LENGTH_AT);
}

type DeliveryFields = readonly [
  id: string,
  environment: string,
  receivedAt: number,
  event: string | null,
  resourceId: string | null,
  identityKey: string | null,
  verification: Verification,
  method: string,
  path: string,
  headers: readonly HeaderPair[],
];

/** An attempt, and of its outcome the answer or the failure. The answer's body follows the JSON. */
type ForwardFields = readonly [
  deliveryId: string,
  cause: ForwardCause,
  url: string,
  startedAt: number,
  durationMs: number,
  ...outcome:
    | readonly [status: number, headers: readonly HeaderPair[], bodyBytes: number]
    | readonly [reason: ExchangeFailure, message: string],
];

interface Parts {
  readonly type: number;
  readonly json: string;
  /** In UTF-8 bytes. */
  readonly jsonLength: number;
  readonly body: Uint8Array;
}

const NO_BODY = new Uint8Array();

function partsOf(record: LogRecord): Parts {
  const { fields, body = NO_BODY } = contentOf(record);
  const json = JSON.stringify(fields);
  return { type: TYPES.indexOf(record.type), json, jsonLength: Buffer.byteLength(json), body };
}

function contentOf(record: LogRecord): { readonly fields: unknown; readonly body?: Uint8Array } {
  switch (record.type) {
    case "delivery": {
      const { delivery: d } = record;
      const fields: DeliveryFields = [
        d.id,
        d.environment,
        d.receivedAt,
        d.event,
        d.resourceId,
        d.identityKey,
        d.verification,
        d.method,
        d.path,
        d.headers,
      ];
      return { fields, body: d.body };
    }
    case "answers":
      return { fields: record.answers };
    case "forward": {
      const { deliveryId, cause, url, outcome } = record.attempt;
      const { startedAt, durationMs } = outcome;
      if (outcome.kind === "failed") {
        const fields: ForwardFields = [deliveryId, cause, url, startedAt, durationMs, outcome.reason, outcome.message];
        return { fields };
      }
      const { status, headers, bodyBytes, body } = outcome;
      const fields: ForwardFields = [deliveryId, cause, url, startedAt, durationMs, status, headers, bodyBytes];
      return { fields, body };
    }
    case "deferred":
      return { fields: record.deliveryIds };
    default:
      return record satisfies never;
  }
}

function recordOf(type: LogRecord["type"] | undefined, fields: unknown, bytes: Buffer): LogRecord | undefined {
  switch (type) {
    case "delivery": {
      const [id, environment, receivedAt, event, resourceId, identityKey, verification, method, path, headers] =
        fields as DeliveryFields;
      const known = { id, environment, receivedAt, event, resourceId, identityKey, verification };
      return { type, delivery: { ...known, method, path, headers, body: bytes } };
    }
    case "answers":
      return { type, answers: fields as LoggedAnswer[] };
    case "forward": {
      const [deliveryId, cause, url, startedAt, durationMs, ...outcome] = fields as ForwardFields;
      const time = { startedAt, durationMs };
      if (outcome.length === 2) {
        const [reason, message] = outcome;
        return { type, attempt: { deliveryId, cause, url, outcome: { kind: "failed", ...time, reason, message } } };
      }
      const [status, headers, bodyBytes] = outcome;
      const answer = { kind: "answered" as const, ...time, status, headers, bodyBytes, body: bytes };
      return { type, attempt: { deliveryId, cause, url, outcome: answer } };
    }
    case "deferred":
      return { type, deliveryIds: fields as string[] };
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}
