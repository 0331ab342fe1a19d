import { bodyText, type StoredDelivery } from "../../core/delivery.ts";
import type { Fact } from "../../core/facts.ts";
import { compactJson, JsonText, TooDeepError } from "../../core/json-text.ts";
import { jsonLine } from "./json.ts";
import { maskUrl } from "../privacy/mask.ts";

/** The JSON record of a fact: `type`, `at` in ISO 8601, and the documented fields of its type. */
export function toRecord(fact: Fact): Record<string, unknown> {
  const at = new Date(fact.at).toISOString();
  if (fact.type === "delivery") return deliveryRecord(at, fact.delivery);
  // Converted without masking for speed: it is made for every delivery, and contains no secrets.
  if (fact.type === "answer") return { ...fact, at };
  const fields = Object.entries(fact).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "string" && /^url$|Url$/.test(name) ? maskUrl(value) : value,
  ]);
  const { outcome: _outcome, ...record } = Object.fromEntries(fields) as Record<string, unknown>;
  return { ...record, at };
}

/** The fact as one line of NDJSON, with its line break. */
export function recordLine(fact: Fact): string {
  return `${jsonLine(toRecord(fact))}\n`;
}

/** One flat object: it is made for every delivery, and spreading objects took longer than everything else. */
function deliveryRecord(at: string, delivery: StoredDelivery): Record<string, unknown> {
  const { id, event, resourceId, identity, verification, recurrence, body } = delivery;
  const payload = payloadOf(delivery);
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
    bytes: delivery.cutFrom ?? body.length,
    payload: payload instanceof JsonText ? payload : null,
  };
  if (delivery.cutFrom !== undefined) record["isCut"] = true;
  if (delivery.origin !== undefined) record["origin"] = delivery.origin;
  if (recurrence.duplicateOf !== undefined) record["duplicateOf"] = recurrence.duplicateOf;
  if (typeof payload === "string") {
    record["payloadError"] = payload;
    record["bodyBase64"] = body.toString("base64");
  }
  return record;
}

/** The payload in the sender's own text, or why there is none. */
function payloadOf({ payload, body }: StoredDelivery): JsonText | string {
  if (payload.kind === "not-json") return payload.reason;
  try {
    return new JsonText(compactJson(bodyText(body)));
  } catch (error) {
    if (error instanceof TooDeepError) return error.message;
    throw error;
  }
}
