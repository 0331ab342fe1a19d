import type { Outcome, Recurrence, Verdict } from "./delivery.ts";

/** A number of deliveries with equal properties. */
export interface DeliveryCount {
  /** Null for deliveries without an event name. */
  readonly event: string | null;
  readonly verdict: Verdict;
  readonly recurrence: Recurrence["kind"];
  /** 2 for 200 to 299; 0 if the sender closed the connection; null if nothing was answered. */
  readonly answerClass: number | null;
  readonly outcome?: Outcome;
  readonly count: number;
  /** Unix milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

interface AttemptCount {
  /** The class of the app's status, or why there was no response. */
  readonly outcome: number | string;
  readonly count: number;
}

export interface StoreStats {
  readonly deliveries: readonly DeliveryCount[];
  /** At the app, with the delivery's own payload. */
  readonly attempts: readonly AttemptCount[];
  /** Deliveries that were answered, but only after `SLOW_ANSWER_MS`. */
  readonly slowAnswers: number;
  /** Attempts to forward received deliveries: those accepted while the sender waited, and the others. */
  readonly forwarded: number;
  readonly failed: number;
  /** Attempts that the user requested, at any URL and with any payload. */
  readonly replays: number;
  /** Events that were sent to the app, and that it has not accepted from any delivery. */
  readonly undelivered: number;
  /** Median of the answered ones of these attempts in milliseconds; null if none was answered. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}
