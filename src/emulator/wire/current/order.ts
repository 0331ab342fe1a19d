import { formatDecimal } from "../../decimal.ts";
import { isOpen, type OrderStatus, remainingQuantity } from "../../entities/order-entity.ts";
import type { OrderForm } from "../form.ts";
import { readOrderRequest } from "../order-body.ts";
import { averagePrice, sharedOrderFields } from "../order-fields.ts";
import { envelope, iso } from "../times.ts";

const STATUS_WORDS: Readonly<Record<OrderStatus, string>> = {
  new: "pending",
  accepted: "open",
  partially_filled: "partial",
  filled: "filled",
  canceled: "cancelled",
  rejected: "failed",
};

export const currentOrder: OrderForm = {
  read: (body) => readOrderRequest("current", body),
  show: (order) => ({
    ...envelope("order", order.id, order.submittedAt, order.metadata),
    investor_id: order.owner.id,
    class: "equity",
    ...sharedOrderFields(order),
    quantity: formatDecimal(order.quantity),
    status: STATUS_WORDS[order.status],
    filled_quantity: formatDecimal(order.filledQuantity),
    remaining_quantity: formatDecimal(remainingQuantity(order)),
    cancelled_at: iso(order.canceledAt),
    failure_reason: order.failureReason,
  }),
  event: (order) => ({
    id: order.id,
    investor_id: order.owner.id,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    quantity: formatDecimal(order.quantity),
    status: STATUS_WORDS[order.status],
    filled_quantity: formatDecimal(order.filledQuantity),
    average_price: averagePrice(order),
    ...(order.failureReason === null ? {} : { failure_reason: order.failureReason }),
  }),
  statusWords: ["open", "pending", "partial", "filled", "cancelled", "failed"],
  // As a filter, `open` means every order that has not ended.
  hasStatus: (order, word) => (word === "open" ? isOpen(order) : STATUS_WORDS[order.status] === word),
};
