import * as v from "valibot";
import { type Page, unwrapList, unwrapOne } from "./envelope.ts";
import { type Field, id, readFields, text, textOrNull, timeOrNull } from "./fields.ts";

/** A webhook registered with Bluum, from either generation of the API. */
export interface Webhook {
  /** Opaque: `wh_…` or a UUID. */
  readonly id: string;
  readonly name: string | null;
  readonly url: string;
  /** Subscribed event names and patterns: `order.*`. Null if the API does not return them. */
  readonly events: string[] | null;
  /** `ACTIVE`, `INACTIVE`, or a status that Bluum adds later, in capitals. */
  readonly status: string;
  readonly description: string | null;
  /** Only if the API has just returned it, which may happen only once. */
  readonly secret?: string;
  /** ISO 8601. */
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  /** Every other field, as sent. */
  readonly unknown: Record<string, unknown>;
}

const eventName = v.union([
  v.string(),
  v.pipe(
    v.looseObject({ name: v.string() }),
    v.transform((type) => type.name),
  ),
]);

/** A webhook has at least one event: an API version that returns an empty list does not return the events. */
const events = v.pipe(
  v.array(eventName),
  v.transform((names) => (names.length === 0 ? null : names)),
);

/** A webhook without a status is active: only generations that can deactivate one send it. */
const status = v.pipe(
  v.nullish(v.string(), "ACTIVE"),
  v.transform((sent) => sent.toUpperCase()),
);

const FIELDS = {
  id: { from: ["id", "webhook_id"], as: id },
  name: { from: ["name"], as: textOrNull },
  url: { from: ["url"], as: text },
  events: { from: ["eventTypeNames", "event_type_names", "eventTypes"], as: events },
  status: { from: ["status"], as: status },
  description: { from: ["description"], as: textOrNull },
  secret: { from: ["secret"], as: textOrNull },
  createdAt: { from: ["createdAt", "created_at", "created"], as: timeOrNull },
  updatedAt: { from: ["updatedAt", "updated_at"], as: timeOrNull },
} satisfies Record<string, Field>;

/** The webhook in the response to create or update. Throws `api_invalid_response`. */
export function decodeWebhook(answer: unknown): Webhook {
  return readWebhook(unwrapOne(answer, ["webhook"]));
}

/** One page of webhooks. Throws `api_invalid_response`. */
export function decodeWebhookPage(answer: unknown): Pick<Page, "hasMore"> & { readonly items: readonly Webhook[] } {
  const { items, hasMore } = unwrapList(answer, ["webhooks"]);
  return { items: items.map(readWebhook), hasMore };
}

function readWebhook(wire: unknown): Webhook {
  const { secret, ...webhook } = readFields("a webhook", FIELDS, wire);
  return { ...webhook, ...(secret === null || secret === "" ? {} : { secret }) };
}
