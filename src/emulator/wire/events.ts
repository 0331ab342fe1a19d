import type { EventName } from "../../core/events.ts";
import { type Emission, type EmissionContext, newEmission } from "../entities/emission.ts";
import type { Order } from "../entities/order-entity.ts";
import type { Transfer } from "../entities/transfer-entity.ts";
import { formOf } from "./forms.ts";

/** The event for an order in its current state. */
export function orderEvent(event: EventName, order: Order, context: EmissionContext): Emission {
  return newEmission(event, formOf(order.owner).order.event(order), context);
}

/** The event for a transfer in its current state. */
export function transferEvent(
  action: "initiated" | "completed" | "failed",
  transfer: Transfer,
  context: EmissionContext,
): Emission {
  const event: EventName = `transfer.${transfer.kind}.${action}`;
  return newEmission(event, formOf(transfer.owner).transfer.event(transfer), context);
}
