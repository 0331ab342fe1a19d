import { EVENT_TYPES } from "../../core/events.ts";
import { type Webhook, WEBHOOK_STATUSES, type WebhookSettings } from "../entities/webhook-entity.ts";
import type { Page } from "./page.ts";
import * as v from "valibot";
import { optionalField, parseBody, textField } from "./body-fields.ts";
import type { Generation } from "../../core/id-rules.ts";

type Json = Record<string, unknown>;

/**
 * The bodies of webhook responses. `showSecret` only for the response to the creation: later ones do not include it.
 */
interface WebhookFormat {
  readonly one: (webhook: Webhook, message: string, options?: { readonly showSecret: boolean }) => Json;
  readonly list: (page: Page<Webhook>) => Json;
  readonly deleted: (webhook: Webhook) => Json;
  readonly eventTypes: () => Json;
}

const DELETED_MESSAGE = "Webhook deleted successfully";

const current: WebhookFormat = {
  one: (webhook, _message, options) => currentWebhook(webhook, options?.showSecret === true),
  list: ({ items, hasMore }) => ({
    object: "list",
    url: "/v1/webhooks",
    has_more: hasMore,
    data: items.map((webhook) => currentWebhook(webhook, false)),
  }),
  deleted: ({ id }) => ({ id, object: "webhook", deleted: true, message: DELETED_MESSAGE }),
  eventTypes: () => ({
    object: "list",
    data: Object.entries(EVENT_TYPES).map(([name, description]) => ({ name, description, version: "1" })),
  }),
};

const legacy: WebhookFormat = {
  one: (webhook, message, options) => ({
    status: "success",
    message,
    data: { webhook: legacyWebhook(webhook, options?.showSecret === true) },
  }),
  list: ({ items }) => ({
    status: "success",
    data: { webhooks: items.map((webhook) => legacyWebhook(webhook, false)) },
  }),
  deleted: () => ({ status: "success", message: DELETED_MESSAGE }),
  eventTypes: () => ({ status: "success", data: { eventTypes: Object.keys(EVENT_TYPES).map(legacyEventType) } }),
};

export const WEBHOOK_FORMATS: Readonly<Record<Generation, WebhookFormat>> = { current, legacy };

function currentWebhook(webhook: Webhook, showSecret: boolean): Json {
  return {
    id: webhook.id,
    object: "webhook",
    name: webhook.name,
    url: webhook.url,
    description: webhook.description,
    eventTypeNames: webhook.eventTypeNames,
    status: webhook.status,
    ...(showSecret ? { secret: webhook.secret } : {}),
    livemode: false,
    metadata: {},
    created: Math.floor(webhook.createdAt / 1000),
  };
}

function legacyWebhook(webhook: Webhook, showSecret: boolean): Json {
  return {
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    description: webhook.description,
    eventTypes: webhook.eventTypeNames.map(legacyEventType),
    status: webhook.status,
    secret: showSecret ? webhook.secret : null,
    createdAt: new Date(webhook.createdAt).toISOString(),
    updatedAt: new Date(webhook.updatedAt).toISOString(),
  };
}

function legacyEventType(name: string): Json {
  const known: Readonly<Record<string, string>> = EVENT_TYPES;
  return {
    id: `event_type_${name.replaceAll(".", "_").replace("*", "all")}`,
    name,
    category: name.split(".", 1)[0],
    description: known[name] ?? `Events named ${name}`,
    displayName: name
      .split(/[._]/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(" "),
  };
}

const EVENTS_MESSAGE = "400-001 must list at least one event name or wildcard";

/** The set of events is open, so any valid name is accepted; a star may stand alone or for the last part. */
const eventTypeName = v.pipe(
  v.string("400-003 must be an event name"),
  v.maxLength(128, "400-003 is too long for an event name"),
  v.regex(/^(?:\*|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\.\*)?)$/, "400-003 must be an event name or a wildcard"),
);

const name = textField(255);
const description = v.nullable(v.pipe(v.string(), v.maxLength(1_000, "400-003 must be at most 1000 characters")));
const eventTypeNames = v.pipe(
  v.array(eventTypeName, EVENTS_MESSAGE),
  v.minLength(1, EVENTS_MESSAGE),
  v.maxLength(100, "400-001 must list at most 100 names"),
);

/** Plain HTTP is accepted, as in the sandbox; credentials in a URL are not, because no request could contain them. */
const url = v.pipe(
  v.string("400-003 must be a URL"),
  v.maxLength(2_048, "400-003 is too long for a URL"),
  v.check(isWebUrl, "400-003 must be an absolute http or https URL without credentials"),
);

const newBody = v.object({ name, url, eventTypeNames, description: optionalField(description) });

const changesBody = v.partial(
  v.object({ name, url, eventTypeNames, description, status: v.picklist(WEBHOOK_STATUSES) }),
);

export function readNewWebhook(body: unknown): WebhookSettings {
  return parseBody(newBody, body);
}

type WebhookChanges = Partial<WebhookSettings & Pick<Webhook, "status">>;

/** Only the fields in the body; an empty body changes nothing. */
export function readWebhookChanges(body: unknown): WebhookChanges {
  const changes = parseBody(changesBody, body);
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as WebhookChanges;
}

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}
