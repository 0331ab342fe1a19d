import { newId } from "../../platform/ids.ts";
import type { Emission } from "../entities/emission.ts";
import type { ChaosKind } from "./chaos.ts";

/**
 * `queued`: before its first attempt. `retrying`: waits for the next one. `delivered`: answered 2xx. `dead`: all
 * attempts failed; it can be replayed. `abandoned`: its webhook was deleted, or it was removed.
 */
export type DeliveryState = "queued" | "retrying" | "delivered" | "dead" | "abandoned";

export interface Attempt {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly url: string;
  /** The status of the endpoint's response; null without a response. */
  readonly status: number | null;
  /** Why there is no response; null if there is one. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The kind of chaos that caused or lost this attempt. */
  readonly chaos: ChaosKind | null;
}

/** One event for one webhook, with all attempts. */
export interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly emission: Emission;
  readonly attempts: Attempt[];
  state: DeliveryState;
}

export function newDelivery(webhookId: string, emission: Emission): Delivery {
  return { id: newId("dlv"), webhookId, emission, attempts: [], state: "queued" };
}
