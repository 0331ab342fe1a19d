import type { EventName } from "../../core/events.ts";
import type { Emission } from "../entities/emission.ts";
import { isOpen, type Order, remainingQuantity } from "../entities/order-entity.ts";
import type { World } from "../world.ts";
import { orderEvent } from "../wire/events.ts";
import { cancel, fill, reject } from "./order-steps.ts";
import { type Decimal, decimal, multiply } from "../decimal.ts";

/** Emulated time between the two fills of an order that fills in parts. */
const BETWEEN_FILLS_MS = 5_000;

type LifeWorld = Pick<World, "state" | "clock" | "pace" | "publish" | "hours" | "payload">;

/**
 * The life of an order after the response: it is accepted, and filled as soon as the market is open if its price
 * allows it. Other limit and stop orders rest until the price reaches them, except `ioc` and `fok` orders, which do
 * not wait.
 */
export async function liveOrder(order: Order, world: LifeWorld, signal: AbortSignal): Promise<void> {
  const instrument = world.state.market.get(order.symbol);
  if (order.status !== "new" || instrument === undefined) return;
  order.status = "accepted";
  publishEvent("order.accepted", order, world);
  if (instrument.behaviour === "rejects") {
    reject(order, "The exchange rejected the order.");
    return publishEvent("order.rejected", order, world);
  }
  const isImmediate = order.timeInForce === "ioc" || order.timeInForce === "fok";
  if (!isImmediate || world.hours.isOpen()) await fillWhenOpen(order, world, signal);
  if (!isImmediate || !isOpen(order)) return;
  cancel(order, world.clock.now());
  publishEvent("order.canceled", order, world);
}

/** Waits until the market is open, and fills the order if its price allows it then. */
async function fillWhenOpen(order: Order, world: LifeWorld, signal: AbortSignal): Promise<void> {
  await world.hours.untilOpen(signal);
  const instrument = world.state.market.get(order.symbol);
  // It may have been canceled, or filled by a change of the price, in the meantime.
  if (order.status !== "accepted" || instrument === undefined || !crosses(order, instrument.price)) return;
  if (order.type === "market" && instrument.behaviour === "fills-in-parts") await fillFirstHalf(order, world, signal);
  fillRest(order, world);
}

/**
 * Fills the resting orders that the symbol's new price reaches, oldest first, and returns their events, not yet sent.
 * If the market is closed, they are filled at the price that it opens with.
 */
export function matchOrders(symbol: string, world: LifeWorld & Pick<World, "background">): Emission[] {
  const price = world.state.market.get(symbol)?.price;
  if (price === undefined) return [];
  return [...world.state.orders.values()].flatMap((order) => {
    const isResting = order.symbol === symbol && order.status === "accepted" && order.type !== "market";
    if (!isResting) return [];
    if (!world.hours.isOpen()) {
      world.background.run((signal) => fillWhenOpen(order, world, signal));
      return [];
    }
    if (!crosses(order, price)) return [];
    fill(order, remainingQuantity(order), price, world.clock.now());
    return [orderEvent("order.filled", order, world)];
  });
}

async function fillFirstHalf(order: Order, world: LifeWorld, signal: AbortSignal): Promise<void> {
  const half = order.quantity / 2n;
  const price = world.state.market.get(order.symbol)?.price;
  if (half === 0n || price === undefined) return;
  fill(order, half, price, world.clock.now());
  publishEvent("order.partially_filled", order, world);
  await world.pace.sleep(BETWEEN_FILLS_MS, signal);
}

function fillRest(order: Order, world: LifeWorld): void {
  const price = world.state.market.get(order.symbol)?.price;
  // It may have been canceled between two fills.
  if (!isOpen(order) || price === undefined) return;
  fill(order, remainingQuantity(order), price, world.clock.now());
  publishEvent("order.filled", order, world);
}

function publishEvent(event: EventName, order: Order, world: LifeWorld): void {
  world.publish(orderEvent(event, order, world));
}

const ONE_PERCENT = decimal("0.01");

/**
 * Applies the market's new price to a resting order, and returns whether it fills at that price. Stops store what
 * they have seen: the best price of a trailing stop, and whether the stop of a stop-limit order was reached.
 */
function crosses(order: Order, price: Decimal): boolean {
  switch (order.type) {
    case "market":
      return true;
    case "limit":
      return reachesLimit(order, price);
    case "stop":
      return reachesStop(order, price, order.stopPrice);
    case "stop_limit":
      order.stopReached ||= reachesStop(order, price, order.stopPrice);
      return order.stopReached && reachesLimit(order, price);
    case "trailing_stop":
      return reachesStop(order, price, trail(order, price));
    default:
      return order.type satisfies never;
  }
}

function reachesLimit(order: Order, price: Decimal): boolean {
  if (order.limitPrice === null) return false;
  return order.side === "buy" ? price <= order.limitPrice : price >= order.limitPrice;
}

function reachesStop(order: Order, price: Decimal, stop: Decimal | null): boolean {
  if (stop === null) return false;
  return order.side === "buy" ? price >= stop : price <= stop;
}

/** Follows the price while it moves in the order's favour; the stop stays at a fixed distance from the best price. */
function trail(order: Order, price: Decimal): Decimal {
  const isBetter = order.side === "buy" ? price < order.trailedPrice : price > order.trailedPrice;
  if (isBetter) order.trailedPrice = price;
  const best = order.trailedPrice;
  const distance = order.trailPrice ?? multiply(best, multiply(order.trailPercent ?? 0n, ONE_PERCENT));
  return order.side === "buy" ? best + distance : best - distance;
}
