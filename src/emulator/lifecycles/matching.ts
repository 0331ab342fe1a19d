import { type Decimal, decimal, multiply } from "../decimal.ts";
import type { Order } from "../entities/order-entity.ts";

const ONE_PERCENT = decimal("0.01");

/**
 * Applies the market's new price to a resting order, and returns whether it fills at that price. Stops store what
 * they have seen: the best price of a trailing stop, and whether the stop of a stop-limit order was reached.
 */
export function crosses(order: Order, price: Decimal): boolean {
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
