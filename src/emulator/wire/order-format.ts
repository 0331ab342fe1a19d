import type { EventName } from "../../core/events.ts";
import { type Decimal, divide, formatDecimal, formatMoney, round } from "../decimal.ts";
import { type Emission, newEmission } from "../entities/emission.ts";
import { type Order, type OrderStatus, remainingQuantity } from "../entities/order-entity.ts";
import type { Generation } from "../generation.ts";
import { isoTime } from "./time.ts";

const STATUS_WORDS: Readonly<Record<Generation, Readonly<Record<OrderStatus, string>>>> = {
  current: {
    new: "pending",
    accepted: "open",
    partially_filled: "partial",
    filled: "filled",
    canceled: "cancelled",
    rejected: "failed",
  },
  legacy: {
    new: "accepted",
    accepted: "accepted",
    partially_filled: "partially_filled",
    filled: "filled",
    canceled: "canceled",
    rejected: "rejected",
  },
};

/** The field names that differ between the generations. */
const FIELD_NAMES = {
  current: {
    owner: "investor_id",
    quantity: "quantity",
    filled: "filled_quantity",
    remaining: "remaining_quantity",
    reason: "failure_reason",
  },
  legacy: {
    owner: "account_id",
    quantity: "qty",
    filled: "filled_qty",
    remaining: "remaining_qty",
    reason: "reject_reason",
  },
} as const;

/** An order in the API's format for the generation of its owner. */
export function formatOrder(order: Order): Record<string, unknown> {
  const { generation } = order.owner;
  const names = FIELD_NAMES[generation];
  return {
    id: order.id,
    ...(generation === "current" ? { object: "order" } : {}),
    [names.owner]: order.owner.id,
    client_order_id: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    time_in_force: order.timeInForce,
    [names.quantity]: formatDecimal(order.quantity),
    notional: money(order.notional),
    [names.filled]: formatDecimal(order.filledQuantity),
    [names.remaining]: formatDecimal(remainingQuantity(order)),
    limit_price: money(order.limitPrice),
    stop_price: money(order.stopPrice),
    trail_price: money(order.trailPrice),
    trail_percent: order.trailPercent === null ? null : formatDecimal(order.trailPercent),
    average_price: averagePrice(order),
    status: STATUS_WORDS[generation][order.status],
    extended_hours: order.extendedHours,
    ...order.echoed,
    [names.reason]: order.failureReason,
    submitted_at: isoTime(order.submittedAt),
    filled_at: order.filledAt === null ? null : isoTime(order.filledAt),
    canceled_at: order.canceledAt === null ? null : isoTime(order.canceledAt),
    ...(generation === "current" ? { livemode: false } : {}),
  };
}

/** The event for an order in its current state. */
export function orderEvent(event: EventName, order: Order, now: number): Emission {
  const { generation } = order.owner;
  const names = FIELD_NAMES[generation];
  return newEmission(event, now, {
    id: order.id,
    [names.owner]: order.owner.id,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    [names.quantity]: formatDecimal(order.quantity),
    status: STATUS_WORDS[generation][order.status],
    [names.filled]: formatDecimal(order.filledQuantity),
    average_price: averagePrice(order),
    ...(order.failureReason === null ? {} : { [names.reason]: order.failureReason }),
  });
}

function averagePrice(order: Order): string | null {
  return order.filledQuantity === 0n ? null : formatMoney(round(divide(order.filledValue, order.filledQuantity), 4));
}

function money(value: Decimal | null): string | null {
  return value === null ? null : formatMoney(value);
}
