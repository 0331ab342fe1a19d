import type { Decimal } from "../decimal.ts";
import type { Owner } from "./owner-entity.ts";

export const SIDES = ["buy", "sell"] as const;
export const ORDER_TYPES = ["market", "limit", "stop", "stop_limit", "trailing_stop"] as const;
export const TIMES_IN_FORCE = ["day", "gtc", "ioc", "fok", "opg", "cls"] as const;

export type Side = (typeof SIDES)[number];
export type OrderType = (typeof ORDER_TYPES)[number];
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** `new`: answered, but not yet accepted for execution. The wire formats have their own names for the others. */
export type OrderStatus = "new" | "accepted" | "partially_filled" | "filled" | "canceled" | "rejected";

/** A valid request. Either `quantity` or `notional` is set. */
export interface OrderRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Decimal | null;
  readonly notional: Decimal | null;
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly trailPrice: Decimal | null;
  readonly trailPercent: Decimal | null;
  readonly clientOrderId: string | null;
  readonly extendedHours: boolean;
  /** Optional fields that have no effect and are only returned: `commission` and similar ones. */
  readonly echoed: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Order extends Omit<OrderRequest, "quantity"> {
  readonly id: string;
  readonly owner: Owner;
  readonly quantity: Decimal;
  status: OrderStatus;
  filledQuantity: Decimal;
  /** Sum of quantity × price over all fills. */
  filledValue: Decimal;
  /** Cash reserved for a buy and not yet spent. */
  reservedCash: Decimal;
  /** The best price since a trailing stop became active. */
  trailedPrice: Decimal;
  /** Whether the price of a stop-limit order has reached the stop, so that its limit applies. */
  stopReached: boolean;
  /** Unix times in milliseconds. */
  readonly submittedAt: number;
  filledAt: number | null;
  canceledAt: number | null;
  failureReason: string | null;
}

/** Whether the order can still change. */
export function isOpen(order: Order): boolean {
  return order.status === "new" || order.status === "accepted" || order.status === "partially_filled";
}

export function remainingQuantity(order: Order): Decimal {
  return order.quantity - order.filledQuantity;
}
