import { isLoopbackHost } from "../../core/hosts.ts";
import type { ApiRoute } from "../api-route.ts";
import { newWebhook, type Webhook } from "../entities/webhook-entity.ts";
import { type Call, readJson, reply } from "../http.ts";
import { Refusal } from "../refusal.ts";
import { readWebhookChanges } from "../wire/webhook-body.ts";
import type { World } from "../world.ts";
import { listReply } from "./lists.ts";

const MAX_WEBHOOKS = 100;

const ALL = { current: "/v1/webhooks", legacy: "/v1/webhooks" };
const ONE = { current: "/v1/webhooks/:id", legacy: "/v1/webhooks/:id" };
const CATALOGUE = { current: "/v1/webhooks/event-types", legacy: "/v1/webhooks/event-types" };

const ROUTES: readonly ApiRoute[] = [
  {
    method: "GET",
    paths: CATALOGUE,
    real: "the documented events",
    fixed: "",
    handle: ({ path }, _world, form) => reply(form.webhook.eventTypes(path)),
  },
  {
    method: "GET",
    paths: ALL,
    real: "oldest first; pages",
    fixed: "",
    handle: (call, { state }, form) =>
      listReply(call, form, { name: "webhooks", items: [...state.webhooks.values()], show: form.webhook.item }),
  },
  {
    method: "POST",
    paths: ALL,
    real: "deliveries, signatures, retries",
    fixed: `at most ${MAX_WEBHOOKS}`,
    handle(call, world, form) {
      const settings = form.webhook.readNew(readJson(call));
      if (world.state.webhooks.size >= MAX_WEBHOOKS) {
        throw new Refusal("400-001", { message: `There are ${MAX_WEBHOOKS} webhooks already; delete one first.` });
      }
      const webhook = newWebhook(settings, form.generation, world.clock.now(), world.webhookSecret);
      keep(webhook, world);
      return reply(form.webhook.one(webhook, "Webhook created successfully", { showSecret: true }), 201);
    },
  },
  {
    method: "PATCH",
    paths: ONE,
    real: "everything",
    fixed: "",
    handle(call, world, form) {
      const body = readJson(call);
      const before = find(call, world);
      const webhook: Webhook = { ...before, ...readWebhookChanges(body), updatedAt: world.clock.now() };
      keep(webhook, world);
      return reply(form.webhook.one(webhook, "Webhook updated successfully"));
    },
  },
  {
    method: "DELETE",
    paths: ONE,
    real: "everything",
    fixed: "",
    handle(call, world, form) {
      const webhook = find(call, world);
      world.state.webhooks.delete(webhook.id);
      return reply(form.webhook.deleted(webhook));
    },
  },
];

/** The five documented calls under `/webhooks`, only for keys of the whole tenant. */
export const WEBHOOK_ROUTES: readonly ApiRoute[] = ROUTES.map((route) => ({
  ...route,
  handle(call, world, form) {
    if (call.access?.scope === "tenant") return route.handle(call, world, form);
    throw new Refusal("403-001", { message: "Webhooks are managed with a key of the whole tenant." });
  },
}));

function keep(webhook: Webhook, { state, log }: World): void {
  const before = state.webhooks.get(webhook.id);
  state.webhooks.set(webhook.id, webhook);
  const { id, url } = webhook;
  if (url !== before?.url && !isLoopbackHost(new URL(url).hostname)) log({ type: "outside", webhookId: id, url });
}

function find({ param }: Call, { state }: World): Webhook {
  const id = param("id");
  const webhook = state.webhooks.get(id);
  if (webhook === undefined) throw new Refusal("404-001", { message: `There is no webhook ${id}.` });
  return webhook;
}
