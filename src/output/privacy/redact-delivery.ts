import { readDelivery, type HeaderPair, type StoredDelivery } from "../../core/delivery.ts";
import type { ForwardAttempt } from "../../core/exchange.ts";
import type { Exported } from "../export/document.ts";
import { readEvent } from "../../core/payload-form.ts";
import { decodeBody } from "../reports/decode.ts";
import { removedBody, type Redactor } from "./redact.ts";

/** A delivery with only its harmless data. Deliveries of one event still have the same identity. */
export async function redactDelivery<Kind extends StoredDelivery>(delivery: Kind, redactor: Redactor): Promise<Kind> {
  const { id, method, receivedAt, identity } = delivery;
  const field = (name: string, value: string | null) => (value === null ? null : redactor.field(name, value));
  const headers = redactor.headers(delivery.headers);
  const body = await redactEncoded(delivery.body, delivery.headers, redactor);
  const path = redactor.path(delivery.path);
  const resource = delivery.payload.kind === "json" ? readEvent(delivery.payload.value).resource : undefined;
  const { payload } = readDelivery(id, { method, path, headers, body, receivedAt });
  return {
    ...delivery,
    path,
    headers,
    body,
    payload,
    event: field("event", delivery.event),
    // By its own name: digits are harmless as an order's id, and not as an account's.
    resourceId: field(resource?.path.replace("data.", "") ?? "account_id", delivery.resourceId),
    timestamp: field("timestamp", delivery.timestamp),
    // It is a hash of possibly personal data, and the rest can be guessed.
    identity: identity.key === null ? identity : { ...identity, key: redactor.hash(identity.key) },
  };
}

/** The same for an attempt to forward, and the app's response. */
async function redactAttempt<Kind extends ForwardAttempt>(
  attempt: Kind,
  sentHeaders: readonly HeaderPair[],
  redactor: Redactor,
): Promise<Kind> {
  const { outcome, sent } = attempt;
  const about = {
    url: redactor.url(attempt.url),
    ...(sent === undefined ? {} : { sent: await redactEncoded(sent, sentHeaders, redactor) }),
  };
  if (outcome.kind === "failed") return { ...attempt, ...about, outcome: { ...outcome, message: outcome.reason } };
  const isCut = outcome.bodyBytes > outcome.body.length;
  const body = await redactEncoded(outcome.body, outcome.headers, redactor);
  return {
    ...attempt,
    ...about,
    outcome: {
      ...outcome,
      headers: redactor.headers(outcome.headers),
      body,
      bodyBytes: isCut ? outcome.bodyBytes : body.length,
    },
  };
}

async function redactEncoded(body: Buffer, headers: readonly HeaderPair[], redactor: Redactor): Promise<Buffer> {
  const { bytes, problem } = await decodeBody(body, headers);
  return problem === undefined ? redactor.body(bytes) : removedBody(body, `that cannot be read: ${problem}`);
}

/** A delivery and its attempts, redacted. */
export async function redactExported({ delivery, attempts }: Exported, redactor: Redactor): Promise<Exported> {
  return {
    delivery: await redactDelivery(delivery, redactor),
    attempts: await Promise.all(attempts.map((attempt) => redactAttempt(attempt, delivery.headers, redactor))),
  };
}
