import { hash as digest } from "node:crypto";
import { isAcknowledgement } from "./delivery-policy.ts";
import { parseJson, scalarText } from "./json-text.ts";

/** A header as it came in: the name in the sender's case, the value as latin1 text (one char for each byte). */
export type HeaderPair = readonly [name: string, value: string];

/** What came through the socket, byte for byte. `body` is the exact body after any transfer coding. */
export interface RawRequest {
  readonly method: string;
  /** Request target as sent, with its query: `/webhooks/bluum?x=1`. */
  readonly path: string;
  /** In the order received, repeated headers kept apart. */
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** Unix time in milliseconds at which the last byte was read. */
  readonly receivedAt: number;
}

/** The body as JSON, read by `parseJson`: what JavaScript cannot spell as it was sent is a `JsonText`. */
export type Payload =
  { readonly kind: "json"; readonly value: unknown } | { readonly kind: "not-json"; readonly reason: string };

/**
 * What makes two deliveries the same event. `event-id`: the sender gave an id. `bytes`: without one, a JSON body is only the
 * same as its exact repetition; a retry is that, and two fills of one order in one second are not, although name, resource
 * and timestamp agree. `none`: no body that could repeat.
 */
export interface Identity {
  readonly source: "event-id" | "bytes" | "none";
  /** Hex SHA-256, `null` for `none`. Equal keys mean the same event. */
  readonly key: string | null;
}

export interface Delivery extends RawRequest {
  readonly id: string;
  /** Event name such as `order.filled`, or null where the body has none. */
  readonly event: string | null;
  /** `data.id`: the order, transfer, account or document the event speaks of. */
  readonly resourceId: string | null;
  /** The event's own timestamp, as text, exactly as sent. */
  readonly timestamp: string | null;
  readonly identity: Identity;
  readonly payload: Payload;
  /** Bytes of the whole body, where only its beginning is kept. Such a delivery cannot be sent again. */
  readonly cutFrom?: number;
}

export const VERDICTS = ["verified", "mismatch", "stale", "unsigned", "no-secret"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * What an endpoint must not trust. Bluum signs every delivery, so one without a signature is not from there. `no-secret` is
 * not among them: it says nothing of the delivery.
 */
export const BAD_VERDICTS: readonly Verdict[] = ["mismatch", "stale", "unsigned"];

export interface Verification {
  readonly verdict: Verdict;
  /** The scheme that matched, or that was recognised before the verdict fell. */
  readonly scheme?: string;
  /** The header that carried the signature, lower case. */
  readonly header?: string;
}

/** How a delivery relates to earlier ones of the same event. */
export interface Recurrence {
  /** `retry`: no earlier one was answered 2xx, so the sender tries again. `duplicate`: one was. */
  readonly kind: "first" | "retry" | "duplicate";
  /** 1 for the first delivery of this event, 2 for the next, … */
  readonly attempt: number;
  /** Id of the first delivery of this event; absent on the first. */
  readonly duplicateOf?: string;
}

/** An answer that was sent, and how long after the last byte of the request. */
export interface SentAnswer {
  readonly status: number;
  readonly durationMs: number;
}

/** The sender closed the connection, so long after the last byte of its request, before any answer could be sent. */
export interface HungUp {
  readonly hungUpAfterMs: number;
}

/** How a request ended for its sender. */
export type Answer = SentAnswer | HungUp;

/** Whether the sender was answered nothing, because it did not wait. */
export function isHungUp(answer: Answer): answer is HungUp {
  return "hungUpAfterMs" in answer;
}

/** How long after the last byte of its request it ended for the sender, in milliseconds. */
export function endedAfterMs(answer: Answer): number {
  return isHungUp(answer) ? answer.hungUpAfterMs : answer.durationMs;
}

/** Whether the sender was answered 2xx, so that it does not send the delivery again. */
export function isAcknowledged(answer: Answer): boolean {
  return !isHungUp(answer) && isAcknowledgement(answer.status);
}

/** A delivery as the store has it. */
export interface StoredDelivery extends Delivery {
  readonly verification: Verification;
  readonly recurrence: Recurrence;
  /** Environment it was received for: `sandbox`, `production`, `emulator`. */
  readonly environment: string;
  readonly answer?: Answer;
  /** Its place in the feed, which grows with each commit of any process and is never given twice. */
  readonly seq: number;
  /** The status of the app's last answer, null if there was none; absent if it was never forwarded. */
  readonly forwardStatus?: number | null;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Headers that senders use for an event's id (Standard Webhooks and its older spelling). */
const EVENT_ID_HEADERS = new Set(["webhook-id", "svix-id"]);

/** Reads meaning out of the bytes. Never throws: whatever cannot be read is null, or a reason. */
export function readDelivery(id: string, request: RawRequest): Delivery {
  const payload = readPayload(request.body);
  const body = payload.kind === "json" ? asObject(payload.value) : undefined;
  const data = asObject(body?.["data"]);
  const event = text(body?.["event"]) ?? text(body?.["type"]);
  const resourceId = text(data?.["id"]);
  const timestamp = text(body?.["timestamp"]);
  const eventId = text(body?.["id"]) ?? text(body?.["event_id"]) ?? headerEventId(request.headers);
  return {
    id,
    method: request.method,
    path: request.path,
    headers: request.headers,
    body: request.body,
    receivedAt: request.receivedAt,
    event,
    resourceId,
    timestamp,
    identity: identify(eventId, payload, request.body),
    payload,
  };
}

/** A delivery of whose body no more than the beginning is kept. What it means was read from all of it. */
export function cutBody(delivery: Delivery, maxBytes: number): Delivery {
  const { length } = delivery.body;
  if (length <= maxBytes) return delivery;
  // A copy: the whole would stay in memory otherwise.
  const body = Buffer.from(delivery.body.subarray(0, maxBytes));
  return { ...delivery, body, cutFrom: length, payload: cutPayload(maxBytes, length) };
}

/** What can be said of a body that was cut. */
export function cutPayload(keptBytes: number, cutFrom: number): Payload {
  return { kind: "not-json", reason: `the first ${keptBytes} of ${cutFrom} bytes are kept, because it was refused` };
}

/** The text of a body, without a byte order mark. Throws `TypeError` for bytes that are not UTF-8. */
export function bodyText(body: Buffer): string {
  return utf8.decode(body);
}

function readPayload(body: Buffer): Payload {
  if (body.length === 0) return { kind: "not-json", reason: "the body is empty" };
  let decoded: string;
  try {
    decoded = bodyText(body);
  } catch {
    return { kind: "not-json", reason: "the body is not UTF-8 text" };
  }
  try {
    return { kind: "json", value: parseJson(decoded) };
  } catch (error) {
    return { kind: "not-json", reason: `the body is not JSON: ${(error as Error).message}` };
  }
}

function identify(eventId: string | null, payload: Payload, body: Buffer): Identity {
  if (eventId !== null) {
    // No JSON begins like this text, so that no body can be given the key of an id.
    const framed = `8:event-id${Buffer.byteLength(eventId)}:${eventId}`;
    return { source: "event-id", key: digest("sha256", framed, "hex") };
  }
  if (payload.kind === "json") return { source: "bytes", key: digest("sha256", body, "hex") };
  return { source: "none", key: null };
}

function headerEventId(headers: readonly HeaderPair[]): string | null {
  const pair = headers.find(([name, value]) => EVENT_ID_HEADERS.has(name.toLowerCase()) && value !== "");
  return pair?.[1] ?? null;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function text(value: unknown): string | null {
  return scalarText(value) || null;
}
