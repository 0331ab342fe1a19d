import {
  cutPayload,
  readDelivery,
  type Delivery,
  type HeaderPair,
  type Recurrence,
  type StoredDelivery,
  type Verification,
  isHungUp,
  type Answer,
} from "../core/delivery.ts";
import type { Row } from "./database.ts";
import { DECISIVE_FORWARD, IS_OK, readOutcome } from "./outcome.ts";

type Head = readonly [method: string, path: string, headers: readonly HeaderPair[]];

export function writeHead(delivery: Pick<Delivery, "method" | "path" | "headers">): string {
  return JSON.stringify([delivery.method, delivery.path, delivery.headers] satisfies Head);
}

export function writeVerification({ verdict, scheme, header }: Verification): string {
  return JSON.stringify({ verdict, scheme, header });
}

/** A text in the form of the search columns: a JSON string literal, which can represent any text. */
export function searchText(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text);
}

/** The columns that `readRow` needs, of `deliveries` left-joined with `answers`. A status of 0 means no answer. */
export const ROW_COLUMNS = `
  seq, id, environment, received_at, verification, recurrence, attempt, duplicate_of, head, body, status, duration_ms,
  event, resource_id, identity, (SELECT cut_from FROM unverified u WHERE u.seq = deliveries.seq) AS cut_from,
  (SELECT coalesce(d.status, 0) FROM forwards d WHERE d.seq = (${DECISIVE_FORWARD})) AS forward_status, ${IS_OK} AS is_ok,
  (SELECT member FROM team_deliveries t WHERE t.seq = deliveries.seq) AS member`;

/** Converts a row to a delivery. The payload is parsed again from the bytes, so that it always agrees with them. */
export function readRow(row: Row): StoredDelivery {
  const [method, path, headers] = JSON.parse(String(row["head"])) as Head;
  const bytes = row["body"] as Uint8Array;
  const duplicateOf = row["duplicate_of"];
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const request = { method, path, headers, body, receivedAt: Number(row["received_at"]) };
  return {
    ...readDelivery(String(row["id"]), request),
    ...(typeof row["cut_from"] === "number" ? meaningOfCut(row, row["cut_from"]) : {}),
    verification: JSON.parse(String(row["verification"])) as Verification,
    recurrence: {
      kind: row["recurrence"] as Recurrence["kind"],
      attempt: Number(row["attempt"]),
      ...(typeof duplicateOf === "string" ? { duplicateOf } : {}),
    },
    environment: String(row["environment"]),
    ...(typeof row["status"] === "number" ? { answer: readAnswer([row["status"], Number(row["duration_ms"])]) } : {}),
    seq: Number(row["seq"]),
    ...(typeof row["forward_status"] === "number" ? { forwardStatus: row["forward_status"] || null } : {}),
    ...readOutcome(row["is_ok"]),
    ...(typeof row["member"] === "string" ? { origin: { member: row["member"] } } : {}),
  };
}

/** The stored properties of a body that was cut, parsed when it was whole. */
function meaningOfCut(row: Row, cutFrom: number): Partial<Delivery> {
  const read = (column: string) => {
    const text = row[column];
    return typeof text === "string" ? (JSON.parse(text) as string) : null;
  };
  const key = row["identity"];
  return {
    cutFrom,
    event: read("event"),
    resourceId: read("resource_id"),
    ...(typeof key === "string" ? { identity: { source: "bytes", key } as const } : {}),
    payload: cutPayload((row["body"] as Uint8Array).byteLength, cutFrom),
  };
}

/**
 * The status stored for a sender that closed the connection; the milliseconds stored with it are the time until then.
 */
const HUNG_UP = 0;

/** A status and milliseconds, as the log and the tables store an answer. */
export type AnswerColumns = readonly [status: number, ms: number];

export function answerColumns(answer: Answer): AnswerColumns {
  return isHungUp(answer) ? [HUNG_UP, answer.hungUpAfterMs] : [answer.status, answer.durationMs];
}

export function readAnswer([status, ms]: AnswerColumns): Answer {
  return status === HUNG_UP ? { hungUpAfterMs: ms } : { status, durationMs: ms };
}
