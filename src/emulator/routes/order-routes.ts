import { Hono } from "hono";
import type { Order } from "../entities/order-entity.ts";
import { type Generation, serves } from "../generation.ts";
import { afterAnswer, type Context, type Env } from "../http.ts";
import { liveOrder } from "../lifecycles/order-life.ts";
import { placeOrder } from "../lifecycles/order-placement.ts";
import { cancel } from "../lifecycles/order-steps.ts";
import { Refusal } from "../refusal.ts";
import { formatOrder, orderEvent } from "../wire/order-format.ts";
import { readOrderRequest } from "../wire/read-order.ts";
import { pageOf } from "../wire/page.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";
import { ownerOf } from "./owners.ts";

/** Orders at the paths of the generations that are served. Only the current one documents a way to cancel. */
export function orderRoutes(world: World): Hono<Env> {
  const { state, clock } = world;
  const app = new Hono<Env>();

  if (serves(world.served, "current")) {
    const path = "/investors/:owner/orders";
    app.post(path, (c) => create(c, "current", c.req.param("owner")));
    app.get(path, (c) => {
      const { items, hasMore } = pageOf(ordersOf("current", c.req.param("owner")), c.req.query());
      return c.json({ object: "list", url: c.req.path, has_more: hasMore, data: items.map(formatOrder) });
    });
    app.get(`${path}/:id`, (c) => c.json(formatOrder(find("current", c.req.param("id"), c.req.param("owner")))));
    app.post(`${path}/:id/cancel`, (c) => {
      const order = find("current", c.req.param("id"), c.req.param("owner"));
      cancel(order, clock.now());
      const emission = orderEvent("order.canceled", order, clock.now());
      afterAnswer(c, () => world.publish(emission));
      return c.json(formatOrder(order));
    });
  }

  if (serves(world.served, "legacy")) {
    const path = "/trading/accounts/:owner/orders";
    app.post(path, (c) => create(c, "legacy", c.req.param("owner")));
    app.get(path, (c) => {
      const { items } = pageOf(ordersOf("legacy", c.req.param("owner")), c.req.query());
      return c.json(items.map(formatOrder));
    });
    app.get("/trading/orders/:id", (c) => c.json(formatOrder(find("legacy", c.req.param("id")))));
  }

  function create(c: Context, generation: Generation, ownerId: string): Promise<Response> {
    const owner = ownerOf(state, generation, ownerId);
    return createOnce(c, world, { isKeyRequired: false }, (body) => {
      const order = placeOrder(state, owner, readOrderRequest(generation, body), clock.now());
      afterAnswer(c, () => world.background.run((signal) => liveOrder(order, world, signal)));
      return { status: 201, body: formatOrder(order) };
    });
  }

  /** Newest first. */
  function ordersOf(generation: Generation, ownerId: string): Order[] {
    const owner = ownerOf(state, generation, ownerId);
    return [...state.orders.values()].filter((order) => order.owner === owner).toReversed();
  }

  function find(generation: Generation, id: string, ownerId?: string): Order {
    const owner = ownerId === undefined ? undefined : ownerOf(state, generation, ownerId);
    const order = state.orders.get(id);
    const isTheirs = order?.owner.generation === generation && (owner === undefined || order.owner === owner);
    if (order === undefined || !isTheirs) throw new Refusal("404-001", { message: `There is no order ${id}.` });
    return order;
  }

  return app;
}
