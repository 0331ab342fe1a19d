import type { Answer, HeaderPair, Identity, Verification } from "../core/delivery.ts";

/** A delivery as members exchange it. Fields that a newer version adds are ignored. */
export interface TeamRecord {
  readonly receivedAt: number;
  readonly environment: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderPair[];
  readonly event: string | null;
  readonly resourceId: string | null;
  readonly identity: Identity;
  readonly verification: Verification;
  /** The answer to Bluum; absent if none was recorded. */
  readonly answer?: Answer | undefined;
  /** The label of the member that received it. */
  readonly member: string;
  /** Size of the whole body, if only its beginning was kept. */
  readonly cutFrom?: number | undefined;
  /** The exact body. */
  readonly body: Buffer;
}

/** The version of the record. A later one that older clients can read keeps it. */
const VERSION = 1;
const LENGTH_BYTES = 4;

/** A record that is not one, although its seal is intact. */
export class RecordUnreadable extends Error {
  override readonly name = "RecordUnreadable";
}

/** A 4-byte length, the fields as JSON, and the exact body. */
export function encodeRecord({ body, ...fields }: TeamRecord): Buffer {
  const json = Buffer.from(JSON.stringify({ v: VERSION, ...fields }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

/** Throws `RecordUnreadable`. */
export function decodeRecord(bytes: Buffer): TeamRecord {
  const jsonEnd = bytes.length < LENGTH_BYTES ? Infinity : LENGTH_BYTES + bytes.readUInt32BE();
  if (jsonEnd > bytes.length) throw new RecordUnreadable("the record is incomplete");
  let fields: unknown;
  try {
    fields = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, jsonEnd));
  } catch {
    throw new RecordUnreadable("the record is not JSON");
  }
  if (!isRecord(fields)) throw new RecordUnreadable("the record lacks a field, or has another version");
  const { v: _version, ...known } = fields;
  return { ...known, body: bytes.subarray(jsonEnd) };
}

type Fields = Omit<TeamRecord, "body"> & { readonly v: number };

function isRecord(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Partial<Record<keyof Fields, unknown>>;
  const texts = [fields.environment, fields.method, fields.path, fields.member];
  return (
    fields.v === VERSION &&
    texts.every((text) => typeof text === "string") &&
    typeof fields.receivedAt === "number" &&
    [fields.event, fields.resourceId].every((text) => text === null || typeof text === "string") &&
    Array.isArray(fields.headers) &&
    fields.headers.every(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string"),
    ) &&
    typeof (fields.identity as Partial<Identity> | null)?.source === "string" &&
    typeof (fields.verification as Partial<Verification> | null)?.verdict === "string"
  );
}
