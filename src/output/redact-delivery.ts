import { readDelivery, type HeaderPair } from "../core/delivery.ts";
import type { ForwardAttempt } from "../core/forward.ts";
import { decodeBody } from "./decode.ts";
import type { DocumentedDelivery } from "./document.ts";
import { redactBody, redactHeaders, redactLatin1, redactText, removedBody } from "./redact.ts";

/** A delivery without personal data. Its identity stays, so that deliveries of one event can still be told. */
export async function redactDelivery<Kind extends DocumentedDelivery>(delivery: Kind): Promise<Kind> {
  const { id, method, receivedAt, event, resourceId, timestamp } = delivery;
  const headers = redactHeaders(delivery.headers);
  const body = await redactEncoded(delivery.body, delivery.headers);
  const path = redactLatin1(delivery.path);
  const { payload } = readDelivery(id, { method, path, headers, body, receivedAt });
  const named = { event: redacted(event), resourceId: redacted(resourceId), timestamp: redacted(timestamp) };
  return { ...delivery, path, headers, body, payload, ...named };
}

/** The same for an attempt to forward, and the app's answer. */
export async function redactAttempt<Kind extends ForwardAttempt>(attempt: Kind): Promise<Kind> {
  const { outcome } = attempt;
  const url = redactText(attempt.url);
  if (outcome.kind === "failed")
    return { ...attempt, url, outcome: { ...outcome, message: redactText(outcome.message) } };
  const isCut = outcome.bodyBytes > outcome.body.length;
  const body = await redactEncoded(outcome.body, outcome.headers);
  const headers = redactHeaders(outcome.headers);
  return {
    ...attempt,
    url,
    outcome: { ...outcome, headers, body, bodyBytes: isCut ? outcome.bodyBytes : body.length },
  };
}

async function redactEncoded(body: Buffer, headers: readonly HeaderPair[]): Promise<Buffer> {
  const { bytes, problem } = await decodeBody(body, headers);
  return problem === undefined ? redactBody(bytes) : removedBody(body, `that cannot be read: ${problem}`);
}

function redacted(text: string | null): string | null {
  return text === null ? null : redactText(text);
}
