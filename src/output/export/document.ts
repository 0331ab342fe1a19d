import type { HeaderPair, StoredDelivery } from "../../core/delivery.ts";
import type { ForwardAttempt } from "../../core/exchange.ts";
import { readEvent } from "../../core/payload-form.ts";
import { bodyFields } from "../reports/body-view.ts";
import { isSecretHeader, MASK, maskUrl } from "../privacy/mask.ts";
import { toRecord } from "./fact-record.ts";

/** A delivery's record with its results: the environment, the answer to the sender, the app's last response, and the outcome. */
export function deliveryDocument(delivery: StoredDelivery): Record<string, unknown> {
  return {
    ...toRecord({ type: "delivery", at: delivery.receivedAt, delivery }),
    environment: delivery.environment,
    ...(delivery.answer === undefined ? {} : { answer: delivery.answer }),
    ...(delivery.forwardStatus === undefined ? {} : { forwardStatus: delivery.forwardStatus }),
    ...(delivery.outcome === undefined ? {} : { outcome: delivery.outcome }),
  };
}

/** A whole delivery: also its request line and headers, and every attempt to forward it. */
export function wholeDocument(delivery: StoredDelivery, attempts: readonly ForwardAttempt[]): Record<string, unknown> {
  const { name, resource, time } = readEvent(delivery.payload.kind === "json" ? delivery.payload.value : undefined);
  return {
    ...deliveryDocument(delivery),
    readFrom: { event: name?.path ?? null, resourceId: resource?.path ?? null, timestamp: time?.path ?? null },
    method: delivery.method,
    path: maskUrl(delivery.path),
    headers: maskHeaders(delivery.headers),
    forwards: attempts.map(attemptDocument),
  };
}

/** One attempt to forward: `status`, `headers` and the body as `body` or `bodyBase64`, or an `error`; `sent` is the body of an edited one. */
function attemptDocument({ cause, url, outcome, sent }: ForwardAttempt): Record<string, unknown> {
  const start = {
    cause,
    at: new Date(outcome.startedAt).toISOString(),
    url: maskUrl(url),
    durationMs: outcome.durationMs,
    ...(sent === undefined ? {} : { sent: bodyFields(sent) }),
  };
  if (outcome.kind === "failed") return { ...start, error: { reason: outcome.reason, message: outcome.message } };
  return {
    ...start,
    status: outcome.status,
    headers: maskHeaders(outcome.headers),
    bytes: outcome.bodyBytes,
    ...bodyFields(outcome.body),
    ...(outcome.bodyBytes > outcome.body.length ? { isCut: true } : {}),
  };
}

/** The headers with secrets masked, including secrets in URLs. */
export function maskHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  return headers.map(([name, value]) => [name, isSecretHeader(name) ? MASK : maskUrl(value)]);
}

/** The exported data of one delivery. */
export interface Exported {
  readonly delivery: StoredDelivery;
  /** The oldest first. */
  readonly attempts: readonly ForwardAttempt[];
}

export interface ExportOptions {
  readonly version: string;
  /** Whether the deliveries were redacted, which the file then states. */
  readonly isRedacted: boolean;
}

/** A file that is written piece by piece, for any number of deliveries. */
export interface ExportFormat {
  readonly head: string;
  readonly foot: string;
  /** The text for the delivery with this index, from 0. */
  item(exported: Exported, index: number): string;
}
