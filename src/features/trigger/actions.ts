import type { ApiRequest } from "../../bluum/api-request.ts";
import type { BluumClient } from "../../bluum/client.ts";
import { cancelRequest, type NewOrder, orderRequest } from "../../bluum/order-request.ts";
import { isAch, type NewTransfer, type TransferKind, transferRequest } from "../../bluum/transfer-request.ts";
import { type Settings, requireOwner } from "../../config/settings.ts";
import type { Order } from "../../bluum/wire/decode-order.ts";
import { AppError } from "../../core/errors.ts";
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

/** The API's response to an action. */
interface Sent {
  readonly id: string;
  readonly status: string;
  /** Only of a transfer. */
  readonly referenceCode?: string | null;
}

/** An action of the API: its request, its name, and the events that it causes. */
export interface Action {
  readonly label: "order" | TransferKind;
  /** Throws `invalid_usage` for a request that the API documents as impossible. */
  prepare(settings: Settings): ApiRequest;
  send(api: BluumClient, request: ApiRequest): Promise<Sent>;
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

export function cancelAction(orderId: string): Action {
  return {
    label: "order",
    prepare: (settings) => cancelRequest(requireOwner(settings), orderId, newId("bh")),
    send: (api, request) => api.cancelOrder(request),
    leadsTo: ["order.canceled"],
    // The order may have been filled before the API processed the request.
    failing: ["order.filled", "order.rejected"],
  };
}

export function transferAction(kind: TransferKind, transfer: NewTransfer): Action {
  const event = (what: string) => `transfer.${kind}.${what}`;
  return {
    label: kind,
    prepare: (settings) => prepareTransfer(settings, kind, transfer),
    send: (api, request) =>
      api.createTransfer(request).catch((error: unknown) => Promise.reject(explained(error, transfer))),
    // Other methods than ACH stay pending until somebody completes the transfer.
    leadsTo: isAch(transfer) ? [event("initiated"), event("completed")] : [event("initiated")],
    failing: [event("failed")],
  };
}

/** Some editions of the API accept an ACH transfer without a linked bank, so that only the refusal shows the need. */
function explained(error: unknown, transfer: NewTransfer): unknown {
  const { fundingSourceId, plaidItemId } = transfer;
  const mayLackBank = isAch(transfer) && fundingSourceId === undefined && plaidItemId === undefined;
  if (!mayLackBank || !(error instanceof AppError) || error.code !== "api_refused") return error;
  return error.with({
    hint: "The request names no linked bank. Add --funding-source, or --plaid-item and --plaid-account; without a linked bank, use --method manual_bank_transfer.",
  });
}
