import { crc32 } from "node:zlib";
import type { Delivery, HeaderPair, Verification } from "../../core/delivery.ts";
import type { ExchangeFailure, ForwardAttempt, ForwardCause } from "../../core/exchange.ts";
import type { AnswerColumns } from "../delivery-row.ts";

/** The parts of a delivery that the tables need. Its payload was parsed before, and is not parsed again to index it. */
export interface LoggedDelivery extends Pick<
  Delivery,
  "id" | "method" | "path" | "headers" | "receivedAt" | "event" | "resourceId" | "body"
> {
  readonly environment: string;
  readonly identityKey: string | null;
  readonly verification: Verification;
  /** Set if the delivery has no valid signature despite a secret. `cutFrom`: size of the whole body, if it was cut. */
  readonly unverified?: { readonly cutFrom: number | null } | undefined;
  /** Set if a team shares it. */
  readonly team?: SharedDelivery | undefined;
}

/** How a team shares a delivery. */
export interface SharedDelivery {
  /** The identity of the team's log. */
  readonly log: string;
  /** Whether it is to be forwarded to the app. */
  readonly isDue: boolean;
  /** Where it came from; absent: it was received here, and is to be shipped. */
  readonly origin?: {
    /** Its number in the log. */
    readonly seq: number;
    /** The label of the member that received it. */
    readonly member: string;
  };
}

/** An answer in the log: the delivery's id and the columns of the tables. */
export type LoggedAnswer = readonly [deliveryId: string, ...AnswerColumns];

/** An entry of the log, in the order of events. */
export type LogRecord =
  | { readonly type: "delivery"; readonly delivery: LoggedDelivery }
  | { readonly type: "answers"; readonly answers: readonly LoggedAnswer[] }
  | { readonly type: "forward"; readonly attempt: ForwardAttempt };

// A record: the marker of its segment, length of the rest, CRC-32 of the marker and the rest, type, length of the
// JSON, the JSON, and its bytes.
const LENGTH_AT = 0;
const CRC_AT = 4;
const TYPE_AT = 8;
const JSON_LENGTH_AT = 9;
const JSON_AT = 13;

/** SQLite stores no larger value; a greater length means damage. */
const MAX_REST_BYTES = 1_000_000_000;

const TYPES = ["delivery", "answers", "forward"] as const satisfies LogRecord["type"][];
/** Early versions wrote another type, which is no longer used. */
const RETIRED_TYPE = 3;

/** Serializes records for a log, one after the other, into bytes of this length. */
export function encodeRecords(
  records: readonly LogRecord[],
  marker: Buffer,
  allocate = (length: number): Buffer => Buffer.allocUnsafe(length),
): Buffer {
  const parts = records.map(partsOf);
  const seed = crc32(marker);
  const headLength = marker.length + JSON_AT;
  const bytes = allocate(parts.reduce((sum, { jsonLength, body }) => sum + headLength + jsonLength + body.length, 0));
  let begin = 0;
  for (const { type, json, jsonLength, body } of parts) {
    const at = begin + marker.length;
    const bodyAt = at + JSON_AT + jsonLength;
    const next = bodyAt + body.length;
    bytes.set(marker, begin);
    bytes.writeUInt32LE(next - at - TYPE_AT, at + LENGTH_AT);
    bytes.writeUInt8(type, at + TYPE_AT);
    bytes.writeUInt32LE(jsonLength, at + JSON_LENGTH_AT);
    bytes.write(json, at + JSON_AT);
    bytes.set(body, bodyAt);
    bytes.writeUInt32LE(crc32(bytes.subarray(at + TYPE_AT, next), seed), at + CRC_AT);
    begin = next;
  }
  return bytes;
}

/** The result of reading one record of a log. */
export type Decoded =
  | { readonly kind: "record"; readonly record: LogRecord; readonly next: number }
  /** Complete, but of an unknown type: from a newer version, for example. */
  | { readonly kind: "unknown"; readonly next: number }
  /** The bytes end before the record does: it needs this many, if its length is correct. */
  | { readonly kind: "cut"; readonly neededBytes: number }
  | { readonly kind: "damaged" };

const DAMAGED: Decoded = { kind: "damaged" };

/**
 * Reads the record at `begin`. Its marker is not compared: after a valid record the next one begins, and the
 * checksum, which covers the marker, decides. Never throws.
 */
export function decodeRecord(bytes: Buffer, begin: number, marker: Buffer): Decoded {
  const at = begin + marker.length;
  if (at + JSON_AT > bytes.length) return { kind: "cut", neededBytes: marker.length + JSON_AT };
  const length = bytes.readUInt32LE(at + LENGTH_AT);
  const jsonLength = bytes.readUInt32LE(at + JSON_LENGTH_AT);
  if (length > MAX_REST_BYTES || JSON_AT - TYPE_AT + jsonLength > length) return DAMAGED;
  const next = at + TYPE_AT + length;
  if (next > bytes.length) return { kind: "cut", neededBytes: next - begin };
  if (crc32(bytes.subarray(at + TYPE_AT, next), crc32(marker)) !== bytes.readUInt32LE(at + CRC_AT)) return DAMAGED;
  const type = bytes.readUInt8(at + TYPE_AT);
  if (type === RETIRED_TYPE) return { kind: "record", record: { type: "answers", answers: [] }, next };
  const jsonEnd = at + JSON_AT + jsonLength;
  const record = recordOf(
    TYPES[type],
    parse(bytes.toString("utf8", at + JSON_AT, jsonEnd)),
    bytes.subarray(jsonEnd, next),
  );
  return record === undefined ? { kind: "unknown", next } : { kind: "record", record, next };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
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
  /** Present for an unverified one, and `false` for another one that a team shares. */
  ...more: readonly [cutFrom?: number | null | false, teamLog?: string, isDue?: boolean],
];

/** An attempt, and its response or failure. The response's body follows the JSON, then the body that was sent. */
type ForwardFields = readonly [
  deliveryId: string,
  cause: ForwardCause,
  url: string,
  startedAt: number,
  durationMs: number,
  ...outcome: AnswerFields | FailureFields,
];
const START_FIELDS = 5;
type AnswerFields = readonly [status: number, headers: readonly HeaderPair[], bodyBytes: number, sentBytes?: number];
type FailureFields = readonly [reason: ExchangeFailure, message: string, sentBytes?: number];

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
      const known = [
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
      ] as const;
      const cutFrom = d.unverified === undefined ? (false as const) : d.unverified.cutFrom;
      const fields: DeliveryFields =
        d.team !== undefined
          ? [...known, cutFrom, d.team.log, d.team.isDue]
          : cutFrom === false
            ? known
            : [...known, cutFrom];
      return { fields, body: d.body };
    }
    case "answers":
      return { fields: record.answers };
    case "forward": {
      const { deliveryId, cause, url, outcome, sent } = record.attempt;
      const { startedAt, durationMs } = outcome;
      const start = [deliveryId, cause, url, startedAt, durationMs] as const;
      const sentBytes = sent === undefined ? ([] as const) : ([sent.length] as const);
      if (outcome.kind === "failed") {
        const fields: ForwardFields = [...start, outcome.reason, outcome.message, ...sentBytes];
        return { fields, ...(sent === undefined ? {} : { body: sent }) };
      }
      const { status, headers, bodyBytes, body } = outcome;
      const fields: ForwardFields = [...start, status, headers, bodyBytes, ...sentBytes];
      return { fields, body: sent === undefined ? body : Buffer.concat([body, sent]) };
    }
    default:
      return record satisfies never;
  }
}

/** Converts these fields to a record; undefined if they do not match its type. */
function recordOf(type: LogRecord["type"] | undefined, fields: unknown, bytes: Buffer): LogRecord | undefined {
  if (!Array.isArray(fields)) return undefined;
  switch (type) {
    case "delivery": {
      if (!isDelivery(fields)) return undefined;
      const [id, environment, receivedAt, event, resourceId, identityKey, verification, ...request] = fields;
      const [method, path, headers, cutFrom = false, teamLog, isDue = false] = request;
      const known = { id, environment, receivedAt, event, resourceId, identityKey, verification };
      const delivery = { ...known, method, path, headers, body: bytes };
      const unverified = cutFrom === false ? {} : { unverified: { cutFrom } };
      const team = teamLog === undefined ? {} : { team: { log: teamLog, isDue } };
      return { type, delivery: { ...delivery, ...unverified, ...team } };
    }
    case "answers":
      return fields.every(isAnswer) ? { type, answers: fields } : undefined;
    case "forward": {
      if (!isForward(fields)) return undefined;
      const [deliveryId, cause, url, startedAt, durationMs] = fields;
      const outcome = fields.slice(START_FIELDS) as unknown as AnswerFields | FailureFields;
      const time = { startedAt, durationMs };
      const sentBytes = isAnswered(outcome) ? outcome[3] : outcome[2];
      const end = bytes.length - (sentBytes ?? 0);
      const about = { deliveryId, cause, url, ...(sentBytes === undefined ? {} : { sent: bytes.subarray(end) }) };
      if (!isAnswered(outcome)) {
        const [reason, message] = outcome;
        return { type, attempt: { ...about, outcome: { kind: "failed", ...time, reason, message } } };
      }
      const [status, headers, bodyBytes] = outcome;
      const answer = { kind: "answered" as const, ...time, status, headers, bodyBytes, body: bytes.subarray(0, end) };
      return { type, attempt: { ...about, outcome: answer } };
    }
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}

function isDelivery(fields: readonly unknown[]): fields is DeliveryFields {
  const [id, environment, receivedAt, event, resourceId, identityKey, verification, ...request] = fields;
  const [method, path, headers, cutFrom = null, teamLog = ""] = request;
  return (
    [id, environment, method, path].every(isText) &&
    isNumber(receivedAt) &&
    [event, resourceId, identityKey].every((each) => each === null || isText(each)) &&
    isText((verification as Partial<Verification> | null)?.verdict) &&
    isHeaders(headers) &&
    (cutFrom === null || cutFrom === false || isNumber(cutFrom)) &&
    isText(teamLog)
  );
}

function isAnswer(fields: unknown): fields is LoggedAnswer {
  return Array.isArray(fields) && isText(fields[0]) && isNumber(fields[1]) && isNumber(fields[2]);
}

function isForward(fields: readonly unknown[]): fields is ForwardFields {
  const [deliveryId, cause, url, startedAt, durationMs, ...outcome] = fields;
  const [first, second, ...rest] = outcome;
  return (
    [deliveryId, cause, url].every(isText) &&
    [startedAt, durationMs].every(isNumber) &&
    (isNumber(first) ? isHeaders(second) && rest.length > 0 : isText(first) && isText(second)) &&
    rest.every(isNumber)
  );
}

function isAnswered(outcome: AnswerFields | FailureFields): outcome is AnswerFields {
  return isNumber(outcome[0]);
}

function isHeaders(value: unknown): value is readonly HeaderPair[] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
