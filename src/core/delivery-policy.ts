import { spellDuration } from "./duration.ts";

/** How Bluum delivers events, according to its webhook documentation. */

/** An endpoint must answer within this time, or the attempt fails. */
export const ANSWER_TIMEOUT_MS = 30_000;

/** Slower responses cause a warning: the limit of Bluum's example application. */
export const SLOW_ANSWER_MS = 5_000;

/** Delays before each retry of a failed delivery. After the last one, the event goes to Bluum's dead-letter queue. */
export const RETRY_DELAYS_MS: readonly number[] = [1, 5, 30, 120, 480].map((minutes) => minutes * 60_000);

/** From the first attempt to the last retry. */
export const RETRY_PERIOD_MS = RETRY_DELAYS_MS.reduce((sum, delayMs) => sum + delayMs);

/** Whether a response with this status acknowledges a delivery, so that Bluum does not send it again. */
export function isAcknowledgement(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** `30 s`, for messages. */
export const ANSWER_TIMEOUT = spellDuration(ANSWER_TIMEOUT_MS);

/** `5 s`, for messages. */
export const SLOW_ANSWER = spellDuration(SLOW_ANSWER_MS);

/** `1 min, 5 min, 30 min, 2 h and 8 h`, for messages. */
export const RETRY_SCHEDULE = RETRY_DELAYS_MS.map(spellDuration)
  .join(", ")
  .replace(/, ([^,]+)$/, " and $1");
