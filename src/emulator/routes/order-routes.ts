import type { Order } from "../entities/order-entity.ts";
import { serves } from "../generation.ts";
import { afterAnswer, type Call, type Reply, reply, type Route } from "../http.ts";
import { liveOrder } from "../lifecycles/order-life.ts";
import { placeOrder } from "../lifecycles/order-placement.ts";
import { cancel } from "../lifecycles/order-steps.ts";
import { Refusal } from "../refusal.ts";
import { formatOrder, orderEvent, readOrderRequest } from "../wire/order.ts";
import { pageOf } from "../wire/page.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";
import { ownerOf } from "../state.ts";
import type { Generation } from "../../core/id-rules.ts";

/** Orders at the paths of the served generations. Only the current one documents cancellation. */
export function orderRoutes(world: World): Route[] {
  const { state, clock } = world;

  function currentRoutes(): Route[] {
    const path = "/v1/investors/:owner/orders";
    return [
      { method: "POST", path, handle: (call) => create(call, "current") },
      {
        method: "GET",
        path,
        handle(call) {
          const { items, hasMore } = pageOf(ordersOf("current", call.param("owner")), call.query);
          return reply({ object: "list", url: call.path, has_more: hasMore, data: items.map(formatOrder) });
        },
      },
      {
        method: "GET",
        path: `${path}/:id`,
        handle: ({ param }) => reply(formatOrder(find("current", param("id"), param("owner")))),
      },
      {
        method: "POST",
        path: `${path}/:id/cancel`,
        handle(call) {
          const order = find("current", call.param("id"), call.param("owner"));
          cancel(order, clock.now());
          const emission = orderEvent("order.canceled", order, clock.now());
          afterAnswer(call, () => world.publish(emission));
          return reply(formatOrder(order));
        },
      },
    ];
  }

  function legacyRoutes(): Route[] {
    const path = "/v1/trading/accounts/:owner/orders";
    return [
      { method: "POST", path, handle: (call) => create(call, "legacy") },
      {
        method: "GET",
        path,
        handle: ({ param, query }) => reply(pageOf(ordersOf("legacy", param("owner")), query).items.map(formatOrder)),
      },
      {
        method: "GET",
        path: "/v1/trading/orders/:id",
        handle: ({ param }) => reply(formatOrder(find("legacy", param("id")))),
      },
    ];
  }

  function create(call: Call, generation: Generation): Reply {
    const owner = ownerOf(state, generation, call.param("owner"));
    return createOnce(call, world, { isKeyRequired: false }, (body) => {
      const order = placeOrder(state, owner, readOrderRequest(generation, body), clock.now());
      afterAnswer(call, () => world.background.run((signal) => liveOrder(order, world, signal)));
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

  return [
    ...(serves(world.served, "current") ? currentRoutes() : []),
    ...(serves(world.served, "legacy") ? legacyRoutes() : []),
  ];
}
