import { unwrapOne } from "./envelope.ts";
import { decimalOrNull, type Field, id, readFields, text, textOrNull, timeOrNull } from "./fields.ts";

/** An order of the API. Decimals are strings; times ISO 8601; null means that the API did not return the value. */
export interface Order {
  readonly id: string;
  /** As sent: the generations name the states differently (`accepted` or `pending`, `canceled` or `cancelled`). */
  readonly status: string;
  readonly symbol: string | null;
  readonly side: string | null;
  readonly type: string | null;
  readonly quantity: string | null;
  readonly notional: string | null;
  readonly filledQuantity: string | null;
  readonly remainingQuantity: string | null;
  readonly averagePrice: string | null;
  readonly clientOrderId: string | null;
  readonly submittedAt: string | null;
  readonly filledAt: string | null;
  /** Why it was rejected or failed. */
  readonly failureReason: string | null;
  /** Every other field, as sent. */
  readonly unknown: Record<string, unknown>;
}

const FIELDS = {
  id: { from: ["id", "order_id"], as: id },
  status: { from: ["status"], as: text },
  symbol: { from: ["symbol"], as: textOrNull },
  side: { from: ["side"], as: textOrNull },
  type: { from: ["type"], as: textOrNull },
  quantity: { from: ["quantity", "qty"], as: decimalOrNull },
  notional: { from: ["notional"], as: decimalOrNull },
  filledQuantity: { from: ["filled_quantity", "filled_qty"], as: decimalOrNull },
  remainingQuantity: { from: ["remaining_quantity", "remaining_qty"], as: decimalOrNull },
  averagePrice: { from: ["average_price"], as: decimalOrNull },
  clientOrderId: { from: ["client_order_id"], as: textOrNull },
  submittedAt: { from: ["submitted_at"], as: timeOrNull },
  filledAt: { from: ["filled_at"], as: timeOrNull },
  failureReason: { from: ["failure_reason", "reject_reason"], as: textOrNull },
} satisfies Record<string, Field>;

/** The order in a response of either generation. Throws `api_invalid_response`. */
export function decodeOrder(answer: unknown): Order {
  const { read, unknown } = readFields("an order", FIELDS, unwrapOne(answer, ["order"]));
  return { ...read, unknown };
}
