import type { Payload, RecordedDelivery } from "../core/delivery.ts";
import type { Fact } from "../core/facts.ts";
import { jsonLine } from "./json.ts";

/** The JSON record of a fact: `type`, `at` in ISO 8601, and the fields that the documentation promises for its type. */
export function toRecord(fact: Fact): Record<string, unknown> {
  const { type, at, ...rest } = fact;
  const head = { type, at: new Date(at).toISOString() };
  return fact.type === "delivery" ? { ...head, ...deliveryFields(fact.delivery) } : { ...head, ...rest };
}

/** The fact as one line of NDJSON, with its line break. */
export function recordLine(fact: Fact): string {
  try {
    return `${jsonLine(toRecord(fact))}\n`;
  } catch (error) {
    // JSON can be read to a depth at which it cannot be written again.
    if (!(error instanceof RangeError) || fact.type !== "delivery") throw error;
    const payload: Payload = { kind: "not-json", reason: "the JSON is nested too deeply to be shown" };
    return `${jsonLine(toRecord({ ...fact, delivery: { ...fact.delivery, payload } }))}\n`;
  }
}

function deliveryFields(delivery: RecordedDelivery): Record<string, unknown> {
  const { id, event, resourceId, identity, verification, recurrence, body, payload } = delivery;
  const { duplicateOf } = recurrence;
  return {
    id,
    event,
    resourceId,
    identity: identity.key === null ? null : `${identity.source}:${identity.key}`,
    signature: verification,
    ...(duplicateOf === undefined ? {} : { duplicateOf }),
    attempt: recurrence.attempt,
    recurrence: recurrence.kind,
    bytes: body.length,
    ...payloadFields(payload, body),
  };
}

function payloadFields(payload: Payload, body: Buffer): Record<string, unknown> {
  if (payload.kind === "json") return { payload: payload.value };
  return { payload: null, payloadError: payload.reason, bodyBase64: body.toString("base64") };
}
