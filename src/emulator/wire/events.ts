import type { EventName } from "../../core/events.ts";
import { type Emission, newEmission } from "../entities/emission.ts";
import type { Order } from "../entities/order-entity.ts";
import type { Transfer } from "../entities/transfer-entity.ts";
import { formOf } from "./forms.ts";

/** The event for an order in its current state. */
export function orderEvent(event: EventName, order: Order, now: number): Emission {
  return newEmission(event, now, formOf(order.owner).order.event(order));
}

/** The event for a transfer in its current state. */
export function transferEvent(action: "initiated" | "completed" | "failed", transfer: Transfer, now: number): Emission {
  const event: EventName = `transfer.${transfer.kind}.${action}`;
  return newEmission(event, now, formOf(transfer.owner).transfer.event(transfer));
}
