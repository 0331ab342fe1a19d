import { EVENT_TYPES } from "../../core/events.ts";
import type { Webhook } from "../entities/webhook-entity.ts";
import type { Generation } from "../generation.ts";
import type { Page } from "./page.ts";
import { isoTime } from "./time.ts";

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
    createdAt: isoTime(webhook.createdAt),
    updatedAt: isoTime(webhook.updatedAt),
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
