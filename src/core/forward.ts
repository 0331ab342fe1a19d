import { isAcknowledgement } from "./delivery-policy.ts";
import type { ExchangeOutcome } from "./exchange.ts";

/**
 * Why a delivery was sent to the app. `live`: it was just received. `catch-up`: it was received while the app did not
 * accept deliveries. `replay`: the user sent it again. `edited`: the user sent it with another payload, so it is no
 * longer the same event.
 */
export type ForwardCause = "live" | "catch-up" | "replay" | "edited";

/** One attempt to forward a delivery to the app, and its outcome. */
export interface ForwardAttempt {
  readonly deliveryId: string;
  readonly cause: ForwardCause;
  readonly url: string;
  readonly outcome: ExchangeOutcome;
}

/** Whether the app accepted it: a response from 200 to 299. */
export function isAccepted(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "answered" && isAcknowledgement(outcome.status);
}
