import { crc32 } from "node:zlib";
import type { Answer, Delivery, HeaderPair, Verification } from "../../core/delivery.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import type { ForwardAttempt } from "../../core/forward.ts";

/** What the tables need of a delivery. What its bytes mean was read before, and is not read again to index them. */
export type LoggedDelivery = Pick<
  Delivery,
  "id" | "receivedAt" | "event" | "resourceId" | "method" | "path" | "headers" | "body"
> & { readonly environment: string; readonly identityKey: string | null; readonly verification: Verification };

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
  const [fields, body] = partsOf(record);
  const json = JSON.stringify(fields);
  const jsonLength = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(JSON_AT + jsonLength + body.length);
  bytes.writeUInt32LE(bytes.length - TYPE_AT, LENGTH_AT);
  bytes.writeUInt8(TYPES.indexOf(record.type), TYPE_AT);
  bytes.writeUInt32LE(jsonLength, JSON_LENGTH_AT);
  bytes.write(json, JSON_AT, "utf8");
  bytes.set(body, JSON_AT + jsonLength);
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
  method: string,
  path: string,
  headers: readonly HeaderPair[],
];

const NOTHING = Buffer.alloc(0);

function partsOf(record: LogRecord): readonly [fields: unknown, body: Buffer] {
  switch (record.type) {
    case "delivery": {
      const { body, ...d } = record.delivery;
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
      return [fields, body];
    }
    case "answer":
      return [{ deliveryId: record.deliveryId, answer: record.answer }, NOTHING];
    case "forward": {
      const { outcome, ...attempt } = record.attempt;
      if (outcome.kind === "failed") return [{ ...attempt, outcome }, NOTHING];
      const { body, ...answer } = outcome;
      return [{ ...attempt, outcome: answer }, body];
    }
    default:
      return record satisfies never;
  }
}

function recordOf(type: LogRecord["type"] | undefined, fields: unknown, body: Buffer): LogRecord | undefined {
  switch (type) {
    case "delivery": {
      const [id, environment, receivedAt, event, resourceId, identityKey, verification, method, path, headers] =
        fields as DeliveryFields;
      const meaning = { id, environment, receivedAt, event, resourceId, identityKey, verification };
      return { type, delivery: { ...meaning, method, path, headers, body } };
    }
    case "answer": {
      const { deliveryId, answer } = fields as { deliveryId: string; answer: Answer };
      return { type, deliveryId, answer };
    }
    case "forward": {
      const { outcome, ...attempt } = fields as ForwardAttempt;
      const whole: ExchangeOutcome = outcome.kind === "failed" ? outcome : { ...outcome, body };
      return { type, attempt: { ...attempt, outcome: whole } };
    }
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}
