import { crc32 } from "node:zlib";
import type { Answer, Delivery, Verification } from "../../core/delivery.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import type { ForwardAttempt } from "../../core/forward.ts";

/** What the tables need of a delivery. What its bytes mean was read before, and is not read again to index them. */
export interface LoggedDelivery extends Pick<Delivery, "id" | "receivedAt" | "event" | "resourceId" | "body"> {
  readonly environment: string;
  readonly identityKey: string | null;
  readonly verification: Verification;
  /** Method, path and headers as the tables hold them: a text that nobody on the way has to understand. */
  readonly head: string;
}

/** What happened, in the order in which it happened. */
export type LogRecord =
  | { readonly type: "delivery"; readonly delivery: LoggedDelivery }
  | { readonly type: "answer"; readonly deliveryId: string; readonly answer: Answer }
  | { readonly type: "forward"; readonly attempt: ForwardAttempt };

// A record: length of the rest, CRC-32 of the rest, type, length of the JSON, the JSON, and the bytes that go with it.
const LENGTH_AT = 0;
const CRC_AT = 4;
const TYPE_AT = 8;
const JSON_LENGTH_AT = 9;
const JSON_AT = 13;

const TYPES = ["delivery", "answer", "forward"] as const satisfies LogRecord["type"][];

/** The record as it stands in a log. */
export function encodeRecord(record: LogRecord): Buffer {
  const [fields, ...parts] = partsOf(record);
  const json = Buffer.from(JSON.stringify(fields));
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + part.length, JSON_AT + json.length));
  bytes.writeUInt32LE(bytes.length - TYPE_AT, LENGTH_AT);
  bytes.writeUInt8(TYPES.indexOf(record.type), TYPE_AT);
  bytes.writeUInt32LE(json.length, JSON_LENGTH_AT);
  let at = JSON_AT;
  for (const part of [json, ...parts]) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(TYPE_AT)), CRC_AT);
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
  /** Of its UTF-8 bytes, which stand before the body. */
  headLength: number,
];

function partsOf(record: LogRecord): readonly [fields: unknown, ...bytes: readonly Buffer[]] {
  switch (record.type) {
    case "delivery": {
      const { delivery: d } = record;
      const head = Buffer.from(d.head);
      const fields: DeliveryFields = [
        d.id,
        d.environment,
        d.receivedAt,
        d.event,
        d.resourceId,
        d.identityKey,
        d.verification,
        head.length,
      ];
      return [fields, head, d.body];
    }
    case "answer":
      return [{ deliveryId: record.deliveryId, answer: record.answer }];
    case "forward": {
      const { outcome, ...attempt } = record.attempt;
      if (outcome.kind === "failed") return [{ ...attempt, outcome }];
      const { body, ...answer } = outcome;
      return [{ ...attempt, outcome: answer }, body];
    }
    default:
      return record satisfies never;
  }
}

function recordOf(type: LogRecord["type"] | undefined, fields: unknown, bytes: Buffer): LogRecord | undefined {
  switch (type) {
    case "delivery": {
      const [id, environment, receivedAt, event, resourceId, identityKey, verification, headLength] =
        fields as DeliveryFields;
      const head = bytes.toString("utf8", 0, headLength);
      const body = bytes.subarray(headLength);
      return {
        type,
        delivery: { id, environment, receivedAt, event, resourceId, identityKey, verification, head, body },
      };
    }
    case "answer": {
      const { deliveryId, answer } = fields as { deliveryId: string; answer: Answer };
      return { type, deliveryId, answer };
    }
    case "forward": {
      const { outcome, ...attempt } = fields as ForwardAttempt;
      const whole: ExchangeOutcome = outcome.kind === "failed" ? outcome : { ...outcome, body: bytes };
      return { type, attempt: { ...attempt, outcome: whole } };
    }
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}
