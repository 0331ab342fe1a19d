import { isLoopbackHost } from "../../core/hosts.ts";
import type { Webhook } from "../entities/webhook-entity.ts";
import { newWebhook } from "../entities/webhook-entity.ts";
import { tenantGeneration } from "../generation.ts";
import { type Call, readJson, type Reply, reply, type Route } from "../http.ts";
import { Refusal } from "../refusal.ts";
import { pageOf } from "../wire/page.ts";
import { WEBHOOK_FORMATS, readNewWebhook, readWebhookChanges } from "../wire/webhook.ts";
import type { World } from "../world.ts";

const MAX_WEBHOOKS = 100;

/** The five documented calls under `/webhooks`, only for keys of the whole tenant. */
export function webhookRoutes({
  state,
  clock,
  served,
  webhookSecret,
  log,
}: Pick<World, "state" | "clock" | "served" | "webhookSecret" | "log">): Route[] {
  const generation = tenantGeneration(served);
  const format = WEBHOOK_FORMATS[generation];

  const routes: Route[] = [
    { method: "GET", path: "/v1/webhooks/event-types", handle: () => reply(format.eventTypes()) },
    {
      method: "GET",
      path: "/v1/webhooks",
      handle: ({ query }) => reply(format.list(pageOf([...state.webhooks.values()], query))),
    },
    { method: "POST", path: "/v1/webhooks", handle: create },
    {
      method: "PATCH",
      path: "/v1/webhooks/:id",
      handle(call) {
        const body = readJson(call);
        const before = find(call);
        const webhook: Webhook = { ...before, ...readWebhookChanges(body), updatedAt: clock.now() };
        keep(webhook);
        return reply(format.one(webhook, "Webhook updated successfully"));
      },
    },
    {
      method: "DELETE",
      path: "/v1/webhooks/:id",
      handle(call) {
        const webhook = find(call);
        state.webhooks.delete(webhook.id);
        return reply(format.deleted(webhook));
      },
    },
  ];
  return routes.map((route) => ({ ...route, handle: forTenant(route.handle) }));

  function create(call: Call): Reply {
    const settings = readNewWebhook(readJson(call));
    if (state.webhooks.size >= MAX_WEBHOOKS) {
      throw new Refusal("400-001", { message: `There are ${MAX_WEBHOOKS} webhooks already; delete one first.` });
    }
    const webhook = newWebhook(settings, generation, clock.now(), webhookSecret);
    keep(webhook);
    return reply(format.one(webhook, "Webhook created successfully", { showSecret: true }), 201);
  }

  function keep(webhook: Webhook): void {
    const before = state.webhooks.get(webhook.id);
    state.webhooks.set(webhook.id, webhook);
    const { id, url } = webhook;
    if (url !== before?.url && !isLoopbackHost(new URL(url).hostname)) log({ type: "outside", webhookId: id, url });
  }

  function find({ param }: Call): Webhook {
    const id = param("id");
    const webhook = state.webhooks.get(id);
    if (webhook === undefined) throw new Refusal("404-001", { message: `There is no webhook ${id}.` });
    return webhook;
  }
}

function forTenant(handle: Route["handle"]): Route["handle"] {
  return (call) => {
    if (call.access?.scope === "tenant") return handle(call);
    throw new Refusal("403-001", { message: "Webhooks are managed with a key of the whole tenant." });
  };
}
