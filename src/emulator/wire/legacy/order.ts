import { formatDecimal } from "../../decimal.ts";
import { type Order, type OrderStatus, remainingQuantity } from "../../entities/order-entity.ts";
import type { OrderForm } from "../form.ts";
import { readOrderRequest } from "../order-body.ts";
import { averagePrice, sharedOrderFields } from "../order-fields.ts";
import { iso } from "../times.ts";

export const legacyOrder: OrderForm = {
  read: (body) => readOrderRequest("legacy", body),
  show: (order) => ({
    id: order.id,
    account_id: order.owner.id,
    ...sharedOrderFields(order),
    qty: formatDecimal(order.quantity),
    status: statusOf(order),
    filled_qty: formatDecimal(order.filledQuantity),
    remaining_qty: formatDecimal(remainingQuantity(order)),
    canceled_at: iso(order.canceledAt),
    reject_reason: order.failureReason,
  }),
  event: (order) => ({
    id: order.id,
    account_id: order.owner.id,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    qty: formatDecimal(order.quantity),
    status: statusOf(order),
    filled_qty: formatDecimal(order.filledQuantity),
    average_price: averagePrice(order),
    ...(order.failureReason === null ? {} : { reject_reason: order.failureReason }),
  }),
  statusWords: ["accepted", "partially_filled", "filled", "canceled", "rejected"],
  hasStatus: (order, word) => statusOf(order) === word,
};

/** The legacy API has no state before acceptance. */
function statusOf({ status }: Order): Exclude<OrderStatus, "new"> {
  return status === "new" ? "accepted" : status;
}
