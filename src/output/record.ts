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
  if (fact.type !== "delivery") return `${jsonLine(toRecord(fact))}\n`;
  return writeDelivery(fact.delivery, (delivery) => `${jsonLine(toRecord({ ...fact, delivery }))}\n`);
}

/** Writes a delivery as JSON; without its payload, where that can be read but is nested too deeply to be written again. */
export function writeDelivery<Kind extends RecordedDelivery>(
  delivery: Kind,
  write: (delivery: Kind) => string,
): string {
  try {
    return write(delivery);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const payload: Payload = { kind: "not-json", reason: "the JSON is nested too deeply to be shown" };
    return write({ ...delivery, payload });
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
