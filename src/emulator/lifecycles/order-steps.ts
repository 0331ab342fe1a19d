import { costOf, type Decimal, ZERO } from "../decimal.ts";
import { isOpen, type Order, remainingQuantity } from "../entities/order-entity.ts";
import { addToHolding, addToPosition, removeFromHolding } from "../entities/owner-entity.ts";
import { Refusal } from "../refusal.ts";

/** Executes `quantity` of the order at `price`; the last part completes the order. */
export function fill(order: Order, quantity: Decimal, price: Decimal, now: number): void {
  const value = costOf(quantity, price);
  order.filledQuantity += quantity;
  order.filledValue += value;
  if (order.side === "buy") {
    const fromReserve = value < order.reservedCash ? value : order.reservedCash;
    order.reservedCash -= fromReserve;
    order.owner.cash += fromReserve - value;
    addToPosition(order.owner, order.symbol, quantity);
    addToHolding(order.owner, order.symbol, quantity, value, now);
  } else {
    order.owner.cash += value;
    removeFromHolding(order.owner, order.symbol, quantity, now);
  }
  if (order.filledQuantity < order.quantity) {
    order.status = "partially_filled";
    return;
  }
  order.status = "filled";
  order.filledAt = now;
  releaseReserve(order);
}

export function reject(order: Order, reason: string): void {
  order.status = "rejected";
  order.failureReason = reason;
  releaseReserve(order);
}

/** Throws a state conflict unless the order is still open. */
export function cancel(order: Order, now: number): void {
  if (!isOpen(order)) {
    throw new Refusal("409-003", { message: `An order that is ${order.status} cannot be canceled.` });
  }
  order.status = "canceled";
  order.canceledAt = now;
  releaseReserve(order);
}

/** Releases the reserve that is not needed any more. */
function releaseReserve(order: Order): void {
  order.owner.cash += order.reservedCash;
  order.reservedCash = ZERO;
  if (order.side === "sell") addToPosition(order.owner, order.symbol, remainingQuantity(order));
}
