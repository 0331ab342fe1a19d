import type { Payload, RecordedDelivery } from "../core/delivery.ts";
import type { Fact } from "../core/facts.ts";
import { jsonLine } from "./json.ts";

/** The JSON record of a fact: `type`, `at` in ISO 8601, and the fields that the documentation promises for its type. */
export function toRecord(fact: Fact): Record<string, unknown> {
  const at = new Date(fact.at).toISOString();
  return fact.type === "delivery" ? deliveryRecord(at, fact.delivery) : { ...fact, at };
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

/** One flat object: it is made for every delivery, and spreading objects into one another took longer than all else. */
function deliveryRecord(at: string, delivery: RecordedDelivery): Record<string, unknown> {
  const { id, event, resourceId, identity, verification, recurrence, body, payload } = delivery;
  const record: Record<string, unknown> = {
    type: "delivery",
    at,
    id,
    event,
    resourceId,
    identity: identity.key === null ? null : `${identity.source}:${identity.key}`,
    signature: verification,
    attempt: recurrence.attempt,
    recurrence: recurrence.kind,
    bytes: body.length,
    payload: payload.kind === "json" ? payload.value : null,
  };
  if (recurrence.duplicateOf !== undefined) record["duplicateOf"] = recurrence.duplicateOf;
  if (payload.kind === "not-json") {
    record["payloadError"] = payload.reason;
    record["bodyBase64"] = body.toString("base64");
  }
  return record;
}
