import type { ApiRequest } from "../../bluum/api-request.ts";
import type { BluumClient } from "../../bluum/client.ts";
import { type NewOrder, orderRequest } from "../../bluum/order-request.ts";
import { type NewTransfer, type TransferKind, transferRequest } from "../../bluum/transfer-request.ts";
import { type Settings, requireOwner } from "../../config/settings.ts";
import type { Order } from "../../bluum/wire/decode-order.ts";
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
function prepareOrder(settings: Settings, order: NewOrder): ApiRequest {
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
function prepareTransfer(settings: Settings, kind: TransferKind, transfer: NewTransfer): ApiRequest {
  return transferRequest(kind, requireOwner(settings), transfer, newId("bh"));
}

/** An action of the API: its request, its name, and the events that it causes. */
export interface Action {
  readonly label: "order" | TransferKind;
  /** Throws `invalid_usage` for a request that the API documents as impossible. */
  prepare(settings: Settings): ApiRequest;
  send(api: BluumClient, request: ApiRequest): Promise<{ readonly id: string; readonly status: string }>;
  /** The events that follow on success. */
  readonly leadsTo: readonly string[];
  /** The events that follow on failure. */
  readonly failing: readonly string[];
}

export function orderAction(order: NewOrder): Action {
  return {
    label: "order",
    prepare: (settings) => prepareOrder(settings, order),
    send: (api, request) => api.createOrder(request),
    // Only a market order is certain to fill.
    leadsTo: order.type === "market" ? ["order.accepted", "order.filled"] : ["order.accepted"],
    failing: ["order.rejected", "order.canceled"],
  };
}

export function transferAction(kind: TransferKind, transfer: NewTransfer): Action {
  const event = (what: string) => `transfer.${kind}.${what}`;
  return {
    label: kind,
    prepare: (settings) => prepareTransfer(settings, kind, transfer),
    send: (api, request) => api.createTransfer(request),
    // Other methods than ACH stay pending until somebody completes the transfer.
    leadsTo: transfer.method.startsWith("ach") ? [event("initiated"), event("completed")] : [event("initiated")],
    failing: [event("failed")],
  };
}
