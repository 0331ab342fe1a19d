import type { ApiRequest } from "../../bluum/api-request.ts";
import type { BluumClient } from "../../bluum/client.ts";
import { orderRequest, type NewOrder } from "../../bluum/order-request.ts";
import { transferRequest, type NewTransfer, type TransferKind } from "../../bluum/transfer-request.ts";
import type { Order } from "../../bluum/wire/decode-order.ts";
import { requireOwner, type Settings } from "../../config/settings.ts";
import { newId } from "../../platform/ids.ts";

/** The smallest order that causes events. */
export const DEFAULT_ORDER: NewOrder = {
  symbol: "AAPL",
  side: "buy",
  type: "market",
  timeInForce: "day",
  quantity: "1",
};

/** The request for an order of the owner in the settings, with a new idempotency key. */
export function prepareOrder(settings: Settings, order: NewOrder): ApiRequest {
  const key = newId("bh");
  return orderRequest(requireOwner(settings), { clientOrderId: key, ...order }, key);
}

/** Places an order with the generation that the owner's id selects. A retry never buys twice. */
export async function placeOrder(
  settings: Settings,
  api: BluumClient,
  order: NewOrder = DEFAULT_ORDER,
): Promise<Order> {
  return api.createOrder(prepareOrder(settings, order));
}

/** The request for a deposit or withdrawal, with a new idempotency key. */
export function prepareTransfer(settings: Settings, kind: TransferKind, transfer: NewTransfer): ApiRequest {
  return transferRequest(kind, requireOwner(settings), transfer, newId("bh"));
}
