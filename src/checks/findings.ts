import type { ExchangeOutcome } from "../core/exchange.ts";
import { cutText, visibleText } from "../platform/answer-text.ts";
import type { Finding } from "./check-definition.ts";

const MAX_EXCERPT = 200;

/** A short description of the response, with the beginning of its text: `500 in 12 ms: Internal Server Error`. */
export function describeOutcome(outcome: ExchangeOutcome, maxExcerpt = MAX_EXCERPT): string {
  if (outcome.kind === "failed") return `no answer: ${outcome.message} (after ${milliseconds(outcome.durationMs)})`;
  const location = outcome.headers.find(([name]) => name.toLowerCase() === "location")?.[1];
  const target = location === undefined ? "" : ` to ${location}`;
  const text = isSuccess(outcome) ? "" : cutText(visibleText(outcome), maxExcerpt);
  return `${outcome.status}${target} in ${milliseconds(outcome.durationMs)}${text === "" ? "" : `: ${text}`}`;
}

export function milliseconds(ms: number): string {
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function isSuccess(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 200 && outcome.status <= 299;
}

/** Passed if the response is 2xx. */
export function mustSucceed(outcome: ExchangeOutcome): Finding {
  const got = describeOutcome(outcome);
  return isSuccess(outcome) ? { result: "passed", got } : failure(got, outcome);
}

/** Passed if all responses are 2xx; otherwise it names the requests that failed. */
export function mustAllSucceed(sent: readonly (readonly [name: string, outcome: ExchangeOutcome])[]): Finding {
  const failed = sent.filter(([, outcome]) => !isSuccess(outcome));
  const first = failed[0];
  if (first === undefined) {
    const slowest = Math.max(...sent.map(([, { durationMs }]) => durationMs));
    return { result: "passed", got: `${sent.length} × 2xx, the slowest in ${milliseconds(slowest)}` };
  }
  const shown = failed.slice(0, 3).map(([name, outcome]) => `${name} → ${describeOutcome(outcome)}`);
  const more = failed.length > shown.length ? `; and ${failed.length - shown.length} more` : "";
  const got = `${failed.length} of ${sent.length} failed: ${shown.join("; ")}${more}`;
  const isAlike = sent.every(([, outcome]) => statusOf(outcome) === statusOf(first[1]));
  // The first failure determines the remedy, but only a status that all responses share explains the whole result.
  return { ...failure(got, first[1]), ...(isAlike ? {} : { status: undefined }) };
}

function failure(got: string, outcome: ExchangeOutcome): Finding {
  return { result: "failed", got, fix: fixFor(outcome), status: statusOf(outcome) };
}

function statusOf(outcome: ExchangeOutcome): number | undefined {
  return outcome.kind === "answered" ? outcome.status : undefined;
}

/** Passed if it is refused with a 4xx within the time limit. */
export function mustBeRefused(outcome: ExchangeOutcome, quickMs: number): Finding {
  const got = describeOutcome(outcome);
  const status = statusOf(outcome);
  if (outcome.kind === "failed" || outcome.status < 400 || outcome.status > 499) {
    return { result: "failed", got, fix: isRedirect(outcome) ? REDIRECT_FIX : undefined, status };
  }
  const elsewhere = NOT_LOOKED_AT[outcome.status];
  if (elsewhere !== undefined) {
    return { result: "failed", got: `${got}, which does not show whether it was refused`, fix: elsewhere, status };
  }
  if (outcome.durationMs > quickMs) {
    return {
      result: "failed",
      isAdvice: true,
      got: `${got}, which is too slow for a refusal`,
      fix: "Check the signature and the format of a delivery before anything else, and refuse it immediately.",
    };
  }
  return { result: "passed", got, status };
}

function isRedirect(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 300 && outcome.status <= 399;
}

const REDIRECT_FIX = "Redirects are not followed. Register the target URL, or answer at this one.";

/**
 * How to fix a response that should have been 2xx, for any event; undefined if the response does not show the cause.
 */
export function fixFor(outcome: ExchangeOutcome): string | undefined {
  if (outcome.kind === "failed") {
    return outcome.reason === "timeout"
      ? "Answer as soon as the event is stored, and do the work afterwards, in a queue or a background job."
      : undefined;
  }
  if (isRedirect(outcome)) return REDIRECT_FIX;
  return NOT_LOOKED_AT[outcome.status];
}

const ROUTE_FIX = "Check the path of the URL, and that it is routed for POST.";

/** Statuses from a layer before the handler, with the remedy: a valid event would have had the same response. */
const NOT_LOOKED_AT: Readonly<Record<number, string>> = {
  404: ROUTE_FIX,
  405: ROUTE_FIX,
  410: ROUTE_FIX,
  429: "Exempt the webhook's path from rate limiting: deliveries come in bursts, and each is retried.",
};

export const GIVE_STATE =
  "The answers are correct, but the effect on the app is unknown. Add --state with a command or URL that prints what events change.";

export const SELF_CHANGING: Finding = {
  result: "unproven",
  got: "the state changes by itself, so the result is unknown",
  fix: "Make --state print only what these events change, without times and request counters, and stop other traffic during the check.",
};

/** For a race condition that cannot be observed. */
export const COUNT_IN_STATE: Finding = {
  result: "unproven",
  got: "but no number in the state grows by the same amount with every event, so one and two cannot be distinguished",
  fix: "Make --state print a number that grows by the same amount with every order.accepted, or with every order.filled.",
};

const EXCERPT = 60;
const CONTEXT = 12;

/** The first difference between two states: `…"fills":1…` → `…"fills":2…`. */
export function stateChange(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const from = Math.max(0, at - CONTEXT);
  const shown = (state: string) => {
    const part = state.slice(from, from + EXCERPT).trim();
    return `${from > 0 ? "…" : ""}${part}${state.length > from + EXCERPT ? "…" : ""}`;
  };
  return `${shown(before)} → ${shown(after)}`;
}
