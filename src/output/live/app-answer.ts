import { STATUS_CODES } from "node:http";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { redirectOf } from "../../core/urls.ts";
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
export function outcomeWords(
  { url, outcome }: { readonly url: string; readonly outcome: ExchangeOutcome },
  shownStatus?: number,
): string {
  const took = duration(outcome.durationMs);
  if (outcome.kind === "failed") {
    // The message of a timeout already contains the time.
    return / within [\d.]+ s$/.test(outcome.message)
      ? clean(outcome.message)
      : `${clean(outcome.message)} after ${took}`;
  }
  const { status } = outcome;
  const words = `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  if (status >= 200 && status <= 299) return `${words} after ${took}`;
  const redirect = redirectOf(url, outcome);
  if (redirect !== undefined) return `${words} to ${cutText(clean(maskUrl(redirect.target)), MAX_EXCERPT)}`;
  const excerpt = cutText(clean(visibleText(outcome)).trim(), MAX_EXCERPT);
  if (excerpt === "") return words;
  return status === shownStatus ? excerpt : `${words}: ${excerpt}`;
}
