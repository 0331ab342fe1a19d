import { isAcknowledgement } from "./delivery-policy.ts";
import type { ExchangeOutcome } from "./exchange.ts";

/**
 * Why a delivery was sent to the app. `live`: on arrival. `catch-up`: it came while the app did not accept deliveries. `replay`:
 * the user sent it again. `edited`: the user sent it with another payload, so it is no longer that event.
 */
export type ForwardCause = "live" | "catch-up" | "replay" | "edited";

/** One attempt to forward a delivery to the app, and how it ended. */
export interface ForwardAttempt {
  readonly deliveryId: string;
  readonly cause: ForwardCause;
  readonly url: string;
  readonly outcome: ExchangeOutcome;
}

/** Whether the app accepted it: an answer from 200 to 299. */
export function isAccepted(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "answered" && isAcknowledgement(outcome.status);
}
