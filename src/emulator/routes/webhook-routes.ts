import { Hono } from "hono";
import { isLoopbackHost } from "../../core/hosts.ts";
import type { Webhook } from "../entities/webhook-entity.ts";
import { newWebhook } from "../entities/webhook-entity.ts";
import { tenantGeneration } from "../generation.ts";
import { type Env, readJson } from "../http.ts";
import { Refusal } from "../refusal.ts";
import { pageOf } from "../wire/page.ts";
import { WEBHOOK_FORMATS } from "../wire/webhook-format.ts";
import { readNewWebhook, readWebhookChanges } from "../wire/read-webhook.ts";
import type { World } from "../world.ts";

const MOST_WEBHOOKS = 100;

/** The five documented calls under `/webhooks`, for keys of the whole tenant only. */
export function webhookRoutes({
  state,
  clock,
  served,
  webhookSecret,
  log,
}: Pick<World, "state" | "clock" | "served" | "webhookSecret" | "log">): Hono<Env> {
  const generation = tenantGeneration(served);
  const format = WEBHOOK_FORMATS[generation];
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    if (c.var.access.scope !== "tenant") {
      throw new Refusal("403-001", { message: "Webhooks are managed with a key of the whole tenant." });
    }
    await next();
  });

  app.get("/event-types", (c) => c.json(format.eventTypes()));

  app.get("/", (c) => c.json(format.list(pageOf([...state.webhooks.values()], c.req.query()))));

  app.post("/", async (c) => {
    const settings = readNewWebhook(await readJson(c));
    if (state.webhooks.size >= MOST_WEBHOOKS) {
      throw new Refusal("400-001", { message: `There are ${MOST_WEBHOOKS} webhooks already; delete one first.` });
    }
    const webhook = newWebhook(settings, generation, clock.now(), webhookSecret);
    keep(webhook);
    return c.json(format.one(webhook, "Webhook created successfully", { showSecret: true }), 201);
  });

  app.patch("/:id", async (c) => {
    const body = await readJson(c);
    const before = find(c.req.param("id"));
    const webhook: Webhook = { ...before, ...readWebhookChanges(body), updatedAt: clock.now() };
    keep(webhook);
    return c.json(format.one(webhook, "Webhook updated successfully"));
  });

  app.delete("/:id", (c) => {
    const webhook = find(c.req.param("id"));
    state.webhooks.delete(webhook.id);
    return c.json(format.deleted(webhook));
  });

  function keep(webhook: Webhook): void {
    const before = state.webhooks.get(webhook.id);
    state.webhooks.set(webhook.id, webhook);
    const { id, url } = webhook;
    if (url !== before?.url && !isLoopbackHost(new URL(url).hostname)) log({ type: "outside", webhookId: id, url });
  }

  function find(id: string): Webhook {
    const webhook = state.webhooks.get(id);
    if (webhook === undefined) throw new Refusal("404-001", { message: `There is no webhook ${id}.` });
    return webhook;
  }

  return app;
}
