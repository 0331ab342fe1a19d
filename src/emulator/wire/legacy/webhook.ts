import { EVENT_TYPES } from "../../../core/events.ts";
import type { Webhook } from "../../entities/webhook-entity.ts";
import type { Json, WebhookForm } from "../form.ts";
import { iso } from "../times.ts";
import { DELETED_MESSAGE, readLegacyWebhook } from "../webhook-body.ts";

export const legacyWebhook: WebhookForm = {
  readNew: readLegacyWebhook,
  one: (webhook, message, options) => ({
    status: "success",
    message,
    data: { webhook: format(webhook, options?.showSecret === true) },
  }),
  item: (webhook) => format(webhook, false),
  deleted: () => ({ status: "success", message: DELETED_MESSAGE }),
  eventTypes: () => ({ status: "success", data: { eventTypes: Object.keys(EVENT_TYPES).map(eventType) } }),
};

function format(webhook: Webhook, showSecret: boolean): Json {
  return {
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    description: webhook.description,
    eventTypes: webhook.eventTypeNames.map(eventType),
    status: webhook.status,
    secret: showSecret ? webhook.secret : null,
    createdAt: iso(webhook.createdAt),
    updatedAt: iso(webhook.updatedAt),
  };
}

function eventType(name: string): Json {
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
