import type { ExchangeOutcome } from "./exchange.ts";
/**
 * Why a delivery was sent to the app. `live`: as it came in. `catch-up`: it came while the app could not take it. `replay`:
 * somebody asked for it again. `edited`: somebody asked for it with another payload, which is not that event any more.
 */
export type ForwardCause = "live" | "catch-up" | "replay" | "edited";

/** One attempt to hand a delivery to the app, and how it ended. */
export interface ForwardAttempt {
  readonly deliveryId: string;
  readonly cause: ForwardCause;
  readonly url: string;
  readonly outcome: ExchangeOutcome;
}

/** Whether the app took it: an answer from 200 to 299. */
export function isTaken(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 200 && outcome.status <= 299;
}
