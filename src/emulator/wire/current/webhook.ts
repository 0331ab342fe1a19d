import { EVENT_TYPES } from "../../../core/events.ts";
import type { Webhook } from "../../entities/webhook-entity.ts";
import type { Json, WebhookForm } from "../form.ts";
import { iso } from "../times.ts";
import { DELETED_MESSAGE, readCurrentWebhook } from "../webhook-body.ts";

export const currentWebhook: WebhookForm = {
  readNew: readCurrentWebhook,
  one: (webhook, _message, options) => format(webhook, options?.showSecret === true),
  item: (webhook) => format(webhook, false),
  deleted: ({ id }) => ({ id, object: "webhook", deleted: true, message: DELETED_MESSAGE }),
  eventTypes: (path) => ({
    object: "list",
    url: path,
    has_more: false,
    data: Object.entries(EVENT_TYPES).map(([name, description]) => ({ name, description, version: "1" })),
  }),
};

function format(webhook: Webhook, showSecret: boolean): Json {
  return {
    id: webhook.id,
    object: "webhook",
    name: webhook.name,
    url: webhook.url,
    description: webhook.description,
    event_type_names: webhook.eventTypeNames,
    status: webhook.status.toLowerCase(),
    ...(showSecret ? { secret: webhook.secret } : {}),
    livemode: false,
    created_at: iso(webhook.createdAt),
    updated_at: iso(webhook.updatedAt),
  };
}
