import { hash as digest } from "node:crypto";
import { isAcknowledgement } from "./delivery-policy.ts";
import { parseJson } from "./json-text.ts";
import { readEvent } from "./payload-form.ts";

/** A header as received: the name in the sender's case, the value as latin1 text (one char for each byte). */
export type HeaderPair = readonly [name: string, value: string];

/** A request as read from the socket, byte for byte. `body` is the exact body after any transfer coding is removed. */
export interface RawRequest {
  readonly method: string;
  /** Request target as sent, with its query: `/path?x=1`. */
  readonly path: string;
  /** In the order received, repeated headers kept apart. */
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** Unix time in milliseconds at which the last byte was read. */
  readonly receivedAt: number;
}

/** The body as JSON, read by `parseJson`: a value that JavaScript cannot represent exactly is a `JsonText`. */
export type Payload =
  { readonly kind: "json"; readonly value: unknown } | { readonly kind: "not-json"; readonly reason: string };

/**
 * How two deliveries are recognized as the same event. `event-id`: by the sender's event id. `bytes`: without an id,
 * only exactly equal bodies are the same event. A retry has equal bytes; two fills of one order in one second do not,
 * although name, resource and timestamp are equal. `none`: there is no body to compare.
 */
export interface Identity {
  readonly source: "event-id" | "bytes" | "none";
  /** Hex SHA-256, `null` for `none`. Equal keys mean the same event. */
  readonly key: string | null;
}

export interface Delivery extends RawRequest {
  readonly id: string;
  /** Event name such as `order.filled`, or null if the body has none. */
  readonly event: string | null;
  /** The order, transfer, account or document that the event concerns: `data.id`, or an id named by its kind. */
  readonly resourceId: string | null;
  /** The event's own timestamp, exactly as sent: ISO 8601 or Unix seconds. */
  readonly timestamp: string | null;
  readonly identity: Identity;
  readonly payload: Payload;
  /** Size of the whole body in bytes, if only its beginning is kept. Such a delivery cannot be sent again. */
  readonly cutFrom?: number;
}

export const VERDICTS = ["verified", "mismatch", "stale", "unsigned", "no-secret"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * Verdicts that an endpoint must not trust. Bluum signs every delivery, so an unsigned one is from another sender.
 * `no-secret` is not in the list, because it says nothing about the delivery.
 */
export const BAD_VERDICTS: readonly Verdict[] = ["mismatch", "stale", "unsigned"];

export interface Verification {
  readonly verdict: Verdict;
  /** The scheme that matched, or the scheme recognized before verification failed. */
  readonly scheme?: string;
  /** The header that carried the signature, lower case. */
  readonly header?: string;
}

/** How a delivery relates to earlier deliveries of the same event. */
export interface Recurrence {
  /** `retry`: no earlier one was answered 2xx, so the sender tries again. `duplicate`: an earlier one was. */
  readonly kind: "first" | "retry" | "duplicate";
  /** 1 for the first delivery of this event, 2 for the next, … */
  readonly attempt: number;
  /** Id of the first delivery of this event; absent on the first. */
  readonly duplicateOf?: string;
}

/** A response that was sent, and how long after the last byte of the request. */
export interface SentAnswer {
  readonly status: number;
  readonly durationMs: number;
}

/** The sender closed the connection before a response could be sent; counted from the last byte of its request. */
export interface HungUp {
  readonly hungUpAfterMs: number;
}

/** How a request ended for its sender. */
export type Answer = SentAnswer | HungUp;

/** Whether the sender closed the connection before it got a response. */
export function isHungUp(answer: Answer): answer is HungUp {
  return "hungUpAfterMs" in answer;
}

/** How long after the last byte of its request it ended for the sender, in milliseconds. */
export function endedAfterMs(answer: Answer): number {
  return isHungUp(answer) ? answer.hungUpAfterMs : answer.durationMs;
}

/** Whether the sender got a 2xx response, so that it does not send the delivery again. */
export function isAcknowledged(answer: Answer): boolean {
  return !isHungUp(answer) && isAcknowledgement(answer.status);
}

/** A delivery with the data that the store adds. */
export interface StoredDelivery extends Delivery {
  readonly verification: Verification;
  readonly recurrence: Recurrence;
  /** The environment that it was received for: `sandbox`, `production`, `emulator`. */
  readonly environment: string;
  readonly answer?: Answer;
  /** Position in the feed. It grows with each commit of any process and is never reused. */
  readonly seq: number;
  /**
   * The status of the app's last response, null if there was none; absent if the delivery was never forwarded. Replays
   * to other URLs and edited ones are ignored.
   */
  readonly forwardStatus?: number | null;
  /** Absent until there is an answer or an attempt. */
  readonly outcome?: Outcome;
  /** The member of the team that received it; absent if this machine did. */
  readonly origin?: { readonly member: string };
}

/**
 * The result of the last attempt to forward a delivery, or of the answer to the sender if there was none. `ok` is 200
 * to 299. A response that the sender did not wait for is a failure, and a replay to another URL or an edited one
 * changes nothing.
 */
export type Outcome = "ok" | "failed";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Headers that senders use for an event's id (Standard Webhooks and its older names). */
const EVENT_ID_HEADERS = new Set(["webhook-id", "svix-id"]);

/** Parses the bytes of a request. Never throws: whatever cannot be read is null, or a reason. */
export function readDelivery(id: string, request: RawRequest): Delivery {
  const payload = readPayload(request.body);
  const { name, resource, time, id: ownId } = readEvent(payload.kind === "json" ? payload.value : undefined);
  const eventId = ownId?.text ?? headerEventId(request.headers);
  return {
    id,
    method: request.method,
    path: request.path,
    headers: request.headers,
    body: request.body,
    receivedAt: request.receivedAt,
    event: name?.text ?? null,
    resourceId: resource?.text ?? null,
    timestamp: time?.text ?? null,
    identity: identify(eventId, payload, request.body),
    payload,
  };
}

/** A copy of the delivery that keeps only the beginning of the body. Everything parsed from the whole body stays. */
export function cutBody(delivery: Delivery, maxBytes: number): Delivery {
  const { length } = delivery.body;
  if (length <= maxBytes) return delivery;
  // Copied: a subarray would keep the whole body in memory.
  const body = Buffer.from(delivery.body.subarray(0, maxBytes));
  return { ...delivery, body, cutFrom: length, payload: cutPayload(maxBytes, length) };
}

/** The payload of a body that was cut off. */
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
    // No JSON begins with this text, so a body can never have the same key as an id.
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
