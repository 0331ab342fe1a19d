import type { ApiRoute } from "../api-route.ts";
import { type Order, SIDES } from "../entities/order-entity.ts";
import { afterAnswer, type Call, reply } from "../http.ts";
import { liveOrder } from "../lifecycles/order-life.ts";
import { placeOrder } from "../lifecycles/order-placement.ts";
import { cancel } from "../lifecycles/order-steps.ts";
import { Refusal } from "../refusal.ts";
import { ownerOf } from "../state.ts";
import { orderEvent } from "../wire/events.ts";
import { anyCase, choice, type Filters } from "../wire/filters.ts";
import type { WireForm } from "../wire/form.ts";
import type { World } from "../world.ts";
import { createOnce } from "./create-once.ts";
import { listReply } from "./lists.ts";

const CURRENT = "/v1/investors/:owner/orders";
const LEGACY = "/v1/trading/accounts/:owner/orders";

export const ORDER_ROUTES: readonly ApiRoute[] = [
  {
    method: "POST",
    paths: { current: CURRENT, legacy: LEGACY },
    real: "all order types, money, positions, events",
    fixed: "no fees, no auctions, US dollars",
    handle(call, world, form) {
      const owner = ownerOf(world.state, form.generation, call.param("owner"));
      return createOnce(call, world, { isKeyRequired: false }, (body) => {
        const order = placeOrder(world.state, owner, form.order.read(body), world.clock.now());
        afterAnswer(call, () => world.background.run((signal) => liveOrder(order, world, signal)));
        return { status: 201, body: form.order.show(order) };
      });
    },
  },
  {
    method: "GET",
    paths: { current: CURRENT, legacy: LEGACY },
    real: "newest first; filters and pages",
    fixed: "every class is equity",
    handle(call, { state }, form) {
      const owner = ownerOf(state, form.generation, call.param("owner"));
      const items = [...state.orders.values()].filter((order) => order.owner === owner).toReversed();
      return listReply(call, form, { name: "orders", items, show: form.order.show, filters: filtersOf(form) });
    },
  },
  {
    method: "GET",
    paths: { current: `${CURRENT}/:id`, legacy: "/v1/trading/orders/:id" },
    real: "everything",
    fixed: "",
    handle: (call, world, form) => reply(form.order.show(find(call, world, form))),
  },
  {
    method: "POST",
    paths: { current: `${CURRENT}/:id/cancel`, legacy: `${LEGACY}/:id/cancel` },
    real: "while the order is open; event",
    fixed: "",
    handle(call, world, form) {
      const order = find(call, world, form);
      cancel(order, world.clock.now());
      const emission = orderEvent("order.canceled", order, world);
      afterAnswer(call, () => world.publish(emission));
      return reply(form.order.show(order));
    },
  },
];

function filtersOf({ generation, order: { statusWords, hasStatus } }: WireForm): Filters<Order> {
  return {
    status: choice(statusWords, hasStatus),
    symbol: anyCase((order) => order.symbol),
    side: choice(SIDES, (order, side) => order.side === side),
    ...(generation === "current" ? { class: anyCase(() => "equity") } : {}),
  };
}

/** The legacy path of a single order names no owner. */
function find({ param }: Call, { state }: World, { generation }: WireForm): Order {
  const id = param("id");
  const owner = param("owner") === "" ? undefined : ownerOf(state, generation, param("owner"));
  const order = state.orders.get(id);
  const isTheirs = order?.owner.generation === generation && (owner === undefined || order.owner === owner);
  if (order === undefined || !isTheirs) throw new Refusal("404-001", { message: `There is no order ${id}.` });
  return order;
}
