import { Hono } from "hono";
import { newEmission } from "../entities/emission.ts";
import { setPrice } from "../entities/market.ts";
import type { Transfer } from "../entities/transfer-entity.ts";
import { formatMoney } from "../decimal.ts";
import { afterAnswer, answerJson, type Env, readJson } from "../http.ts";
import { matchOrders } from "../lifecycles/order-life.ts";
import { complete, fail } from "../lifecycles/transfer-steps.ts";
import { Refusal } from "../refusal.ts";
import { readEvent, readFailureReason, readPrice, readResetScope } from "../wire/read-control.ts";
import { formatDelivery } from "../wire/delivery-format.ts";
import { formatTransfer, transferEvent } from "../wire/transfer-format.ts";
import type { World } from "../world.ts";

/** What only an emulator has: looking into it, and making things happen. It needs no credentials. */
export function controlRoutes(world: World, reset: (scope: { readonly webhooks: boolean }) => void): Hono<Env> {
  const { state, clock, dispatcher } = world;
  const app = new Hono<Env>();

  app.get("/health", (c) => c.json({ emulator: true, version: 1, generation: world.served, ...world.startedBy }));

  app.post("/reset", async (c) => {
    reset(readResetScope(await readJson(c)));
    return c.json({ reset: true });
  });

  app.post("/events", async (c) => {
    const { event, data } = readEvent(await readJson(c));
    const emission = newEmission(event, clock.now(), data);
    afterAnswer(c, () => world.publish(emission));
    return answerJson(c, { event_id: emission.id, event, data }, 202);
  });

  app.post("/prices", async (c) => {
    const { symbol, price } = readPrice(await readJson(c));
    setPrice(state.market, symbol, price);
    const emissions = matchOrders(symbol, world);
    afterAnswer(c, () => emissions.forEach(world.publish));
    return c.json({ symbol, price: formatMoney(price), orders_filled: emissions.length });
  });

  app.post("/transfers/:id/complete", (c) => {
    const transfer = find(c.req.param("id"));
    complete(transfer);
    const emission = transferEvent("completed", transfer, clock.now());
    afterAnswer(c, () => world.publish(emission));
    return c.json(formatTransfer(transfer));
  });

  app.post("/transfers/:id/fail", async (c) => {
    const reason = readFailureReason(await readJson(c));
    const transfer = find(c.req.param("id"));
    fail(transfer, reason);
    const emission = transferEvent("failed", transfer, clock.now());
    afterAnswer(c, () => world.publish(emission));
    return c.json(formatTransfer(transfer));
  });

  app.get("/deliveries", (c) => answerJson(c, { deliveries: dispatcher.deliveries().map(formatDelivery) }));

  app.get("/dead-letters", (c) => answerJson(c, { dead_letters: dispatcher.deadLetters().map(formatDelivery) }));

  app.post("/dead-letters/:id/replay", (c) => {
    const id = c.req.param("id");
    const delivery = dispatcher.replay(id);
    if (delivery === undefined) throw new Refusal("404-001", { message: `There is no dead letter ${id}.` });
    return answerJson(c, formatDelivery(delivery), 202);
  });

  function find(id: string): Transfer {
    const transfer = state.transfers.get(id);
    if (transfer === undefined) throw new Refusal("404-001", { message: `There is no transfer ${id}.` });
    return transfer;
  }

  return app;
}
