import { type Decimal, divide, formatDecimal, formatMoney, round } from "../decimal.ts";
import type { Order } from "../entities/order-entity.ts";
import type { Json } from "./form.ts";
import { iso } from "./times.ts";

/** The fields of an order that both generations write in the same way. */
export function sharedOrderFields(order: Order): Json {
  return {
    client_order_id: order.clientOrderId,
    symbol: order.symbol,
    currency: "USD",
    side: order.side,
    type: order.type,
    time_in_force: order.timeInForce,
    notional: money(order.notional),
    limit_price: money(order.limitPrice),
    stop_price: money(order.stopPrice),
    trail_price: money(order.trailPrice),
    trail_percent: order.trailPercent === null ? null : formatDecimal(order.trailPercent),
    average_price: averagePrice(order),
    extended_hours: order.extendedHours,
    ...order.echoed,
    submitted_at: iso(order.submittedAt),
    filled_at: iso(order.filledAt),
  };
}

/** The price of what is filled; `0.00` before the first fill. */
export function averagePrice(order: Order): string {
  if (order.filledQuantity === 0n) return "0.00";
  return formatMoney(round(divide(order.filledValue, order.filledQuantity), 4));
}

function money(value: Decimal | null): string | null {
  return value === null ? null : formatMoney(value);
}
