import type { Decimal } from "../decimal.ts";
import type { Owner } from "./owner-entity.ts";

export const SIDES = ["buy", "sell"] as const;
export const ORDER_TYPES = ["market", "limit", "stop", "stop_limit", "trailing_stop"] as const;
export const TIMES_IN_FORCE = ["day", "gtc", "ioc", "fok", "opg", "cls"] as const;

export type Side = (typeof SIDES)[number];
export type OrderType = (typeof ORDER_TYPES)[number];
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** `new`: answered, but not yet accepted for execution. Wire formats spell the others in their own ways. */
export type OrderStatus = "new" | "accepted" | "partially_filled" | "filled" | "canceled" | "rejected";

/** What a valid request asks for. Either `quantity` or `notional` is there. */
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
  /** Optional fields that change nothing here and are only given back: `commission` and its like. */
  readonly echoed: Readonly<Record<string, unknown>>;
}

export interface Order extends Omit<OrderRequest, "quantity"> {
  readonly id: string;
  readonly owner: Owner;
  readonly quantity: Decimal;
  status: OrderStatus;
  filledQuantity: Decimal;
  /** Sum of quantity × price over all fills. */
  filledValue: Decimal;
  /** Cash set aside for a buy and not yet spent. */
  reservedCash: Decimal;
  /** The best price since a trailing stop began to trail. */
  trailedPrice: Decimal;
  /** Whether the stop of a stop-limit order has been reached, so that its limit counts. */
  stopReached: boolean;
  /** Unix times in milliseconds. */
  readonly submittedAt: number;
  filledAt: number | null;
  canceledAt: number | null;
  failureReason: string | null;
}

/** Whether more can happen to the order. */
export function isOpen(order: Order): boolean {
  return order.status === "new" || order.status === "accepted" || order.status === "partially_filled";
}

export function remainingQuantity(order: Order): Decimal {
  return order.quantity - order.filledQuantity;
}
