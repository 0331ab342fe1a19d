import type { ApiRequest } from "../../bluum/api-request.ts";
import type { BluumClient } from "../../bluum/client.ts";
import type { NewOrder } from "../../bluum/order-request.ts";
import type { NewTransfer, TransferKind } from "../../bluum/transfer-request.ts";
import type { Settings } from "../../config/settings.ts";
import { prepareOrder, prepareTransfer } from "./run-action.ts";

/** One thing that the API can be made to do: its request, what it is called, and the events it leads to. */
export interface Action {
  readonly label: "order" | TransferKind;
  /** Throws `invalid_usage` for what the API documents as impossible. */
  prepare(settings: Settings): ApiRequest;
  send(api: BluumClient, request: ApiRequest): Promise<{ readonly id: string; readonly status: string }>;
  /** The events that follow if all goes well. */
  readonly leadsTo: readonly string[];
  /** The events that follow if it does not. */
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
    // What is not ACH stays pending until somebody completes it.
    leadsTo: transfer.method.startsWith("ach") ? [event("initiated"), event("completed")] : [event("initiated")],
    failing: [event("failed")],
  };
}
