import { STATUS_CODES } from "node:http";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { cutText, visibleText } from "../../platform/answer-text.ts";
import { clean } from "../privacy/clean.ts";
import { maskUrl } from "../privacy/mask.ts";
import { duration } from "../text.ts";

/** The longest excerpt of an app's response on one line. */
const MAX_EXCERPT = 300;

/**
 * The result of an attempt: `500 Internal Server Error: TypeError: …`, or why there was no response. Below a line
 * with the status, only the app's text is returned.
 */
export function outcomeWords(outcome: ExchangeOutcome, shownStatus?: number): string {
  const took = duration(outcome.durationMs);
  if (outcome.kind === "failed") {
    // The message of a timeout already contains the time.
    return / within [\d.]+ s$/.test(outcome.message)
      ? clean(outcome.message)
      : `${clean(outcome.message)} after ${took}`;
  }
  const { status, headers } = outcome;
  const words = `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  if (status >= 200 && status <= 299) return `${words} after ${took}`;
  const location = headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? "";
  if (status >= 300 && status <= 399 && location !== "")
    return `${words} to ${cutText(clean(maskUrl(location)), MAX_EXCERPT)}`;
  const excerpt = cutText(clean(visibleText(outcome)).trim(), MAX_EXCERPT);
  if (excerpt === "") return words;
  return status === shownStatus ? excerpt : `${words}: ${excerpt}`;
}
