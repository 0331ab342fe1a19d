import { newEmission } from "../entities/emission.ts";
import { setPrice } from "../entities/market.ts";
import type { Transfer } from "../entities/transfer-entity.ts";
import { formatMoney } from "../decimal.ts";
import { afterAnswer, readJson, reply, type Route } from "../http.ts";
import { matchOrders } from "../lifecycles/order-life.ts";
import { complete, fail } from "../lifecycles/transfer-life.ts";
import { Refusal } from "../refusal.ts";
import {
  readEvent,
  readFailureReason,
  readMarketMode,
  readPrice,
  readResetScope,
  formatDelivery,
} from "../wire/control.ts";
import { transferEvent } from "../wire/events.ts";
import { formOf } from "../wire/forms.ts";
import type { World } from "../world.ts";

/** Routes that only an emulator has: to inspect it, and to trigger events. They need no credentials. */
export function controlRoutes(world: World, reset: (scope: { readonly webhooks: boolean }) => void): Route[] {
  const { state, clock, dispatcher } = world;
  return [
    {
      method: "GET",
      path: "/_emulator/health",
      handle: () =>
        reply({
          emulator: true,
          version: 1,
          generation: world.served,
          market: world.hours.mode,
          payload: world.payload,
          ...world.startedBy,
        }),
    },
    {
      method: "POST",
      path: "/_emulator/reset",
      handle(call) {
        reset(readResetScope(readJson(call)));
        return reply({ reset: true });
      },
    },
    {
      method: "POST",
      path: "/_emulator/events",
      handle(call) {
        const { event, data } = readEvent(readJson(call));
        const emission = newEmission(event, data, world);
        afterAnswer(call, () => world.publish(emission));
        return reply({ event_id: emission.id, event, data }, 202);
      },
    },
    {
      method: "POST",
      path: "/_emulator/prices",
      handle(call) {
        const { symbol, price } = readPrice(readJson(call));
        setPrice(state.market, symbol, price);
        const emissions = matchOrders(symbol, world);
        afterAnswer(call, () => emissions.forEach(world.publish));
        return reply({ symbol, price: formatMoney(price), orders_filled: emissions.length });
      },
    },
    {
      method: "POST",
      path: "/_emulator/market",
      handle(call) {
        world.hours.mode = readMarketMode(readJson(call));
        return reply({ market: world.hours.mode, open: world.hours.isOpen() });
      },
    },
    {
      method: "POST",
      path: "/_emulator/transfers/:id/complete",
      handle(call) {
        const transfer = find(call.param("id"));
        complete(transfer, clock.now());
        const emission = transferEvent("completed", transfer, world);
        afterAnswer(call, () => world.publish(emission));
        return reply(formOf(transfer.owner).transfer.show(transfer));
      },
    },
    {
      method: "POST",
      path: "/_emulator/transfers/:id/fail",
      handle(call) {
        const reason = readFailureReason(readJson(call));
        const transfer = find(call.param("id"));
        fail(transfer, reason, clock.now());
        const emission = transferEvent("failed", transfer, world);
        afterAnswer(call, () => world.publish(emission));
        return reply(formOf(transfer.owner).transfer.show(transfer));
      },
    },
    {
      method: "GET",
      path: "/_emulator/deliveries",
      handle: () => reply({ deliveries: dispatcher.deliveries().map(formatDelivery) }),
    },
    {
      method: "GET",
      path: "/_emulator/dead-letters",
      handle: () => reply({ dead_letters: dispatcher.deadLetters().map(formatDelivery) }),
    },
    {
      method: "POST",
      path: "/_emulator/dead-letters/:id/replay",
      handle(call) {
        const id = call.param("id");
        const delivery = dispatcher.replay(id);
        if (delivery === undefined) throw new Refusal("404-001", { message: `There is no dead letter ${id}.` });
        return reply(formatDelivery(delivery), 202);
      },
    },
  ];

  function find(id: string): Transfer {
    const transfer = state.transfers.get(id);
    if (transfer === undefined) throw new Refusal("404-001", { message: `There is no transfer ${id}.` });
    return transfer;
  }
}
