import { JsonText } from "../../core/json-text.ts";
import type { Delivery } from "../delivery/outgoing.ts";
import { isoTime } from "./time.ts";

/** A delivery in the format of the control routes. */
export function formatDelivery(delivery: Delivery): Record<string, unknown> {
  const { emission } = delivery;
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    event_id: emission.id,
    event: emission.event,
    resource_id: emission.resourceId,
    state: delivery.state,
    attempts: delivery.attempts.map((attempt) => ({
      at: isoTime(attempt.at),
      url: attempt.url,
      status: attempt.status,
      error: attempt.error,
      duration_ms: attempt.durationMs,
      chaos: attempt.chaos,
    })),
    payload: new JsonText(emission.body.toString()),
  };
}
