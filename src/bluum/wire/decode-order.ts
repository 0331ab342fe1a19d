import { unwrapOne } from "./envelope.ts";
import { decimalOrNull, type Field, id, type Read, readFields, text, textOrNull, timeOrNull } from "./fields.ts";

const FIELDS = {
  id: { from: ["id", "order_id"], as: id },
  /** As sent: the generations name the states differently (`accepted` or `pending`, `canceled` or `cancelled`). */
  status: { from: ["status"], as: text },
  symbol: { from: ["symbol"], as: textOrNull },
  side: { from: ["side"], as: textOrNull },
  type: { from: ["type"], as: textOrNull },
  quantity: { from: ["quantity", "qty"], as: decimalOrNull },
  currency: { from: ["currency"], as: textOrNull },
  notional: { from: ["notional"], as: decimalOrNull },
  filledQuantity: { from: ["filled_quantity", "filled_qty"], as: decimalOrNull },
  remainingQuantity: { from: ["remaining_quantity", "remaining_qty"], as: decimalOrNull },
  averagePrice: { from: ["average_price"], as: decimalOrNull },
  clientOrderId: { from: ["client_order_id"], as: textOrNull },
  submittedAt: { from: ["submitted_at"], as: timeOrNull },
  filledAt: { from: ["filled_at"], as: timeOrNull },
  canceledAt: { from: ["cancelled_at", "canceled_at"], as: timeOrNull },
  /** Why it was rejected or failed. */
  failureReason: { from: ["failure_reason", "reject_reason"], as: textOrNull },
} satisfies Record<string, Field>;

/** An order of the API. Decimals are strings; times ISO 8601; null means that the API did not return the value. */
export type Order = Read<typeof FIELDS>;

/** The order in a response of either generation. Throws `api_invalid_response`. */
export function decodeOrder(answer: unknown): Order {
  return readFields("an order", FIELDS, unwrapOne(answer, ["order"]));
}
