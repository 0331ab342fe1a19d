import type { StoredDelivery, Verdict } from "../../core/delivery.ts";
import { spellDuration } from "../../core/duration.ts";
import type { ExchangeOutcome } from "../../core/exchange.ts";
import { isExpected } from "../events/send-event.ts";

/** The conditions; an absent one is always met. */
export interface Conditions {
  /** `200`, `2xx` or `any`: applies to every response. */
  readonly status?: string | undefined;
  /** Maximum time of every response, in milliseconds. */
  readonly withinMs?: number | undefined;
  readonly deliveries?: number | undefined;
  /** Number of distinct events among the deliveries. */
  readonly distinct?: number | undefined;
  /** Deliveries of an event that had been delivered before. */
  readonly duplicates?: number | undefined;
  readonly verdict?: Verdict | undefined;
}

export interface Observation {
  readonly deliveries: readonly Pick<StoredDelivery, "recurrence" | "verification">[];
  /** The app's responses: to the event that the recipe sent, otherwise to each forwarded delivery. */
  readonly answers: readonly ExchangeOutcome[];
}

/** The first condition that is not met, as text; undefined if all are met. */
export function unmet(conditions: Conditions, { deliveries, answers }: Observation): string | undefined {
  const distinct = deliveries.filter(({ recurrence }) => recurrence.kind === "first").length;
  return (
    wrongCount("delivery arrived", "deliveries arrived", deliveries.length, conditions.deliveries) ??
    wrongCount("distinct event arrived", "distinct events arrived", distinct, conditions.distinct) ??
    wrongCount("duplicate arrived", "duplicates arrived", deliveries.length - distinct, conditions.duplicates) ??
    wrongVerdict(deliveries, conditions.verdict) ??
    wrongAnswer(answers, conditions)
  );
}

function wrongCount(one: string, many: string, found: number, wanted: number | undefined): string | undefined {
  if (wanted === undefined || found === wanted) return undefined;
  return `${found === 0 ? "no" : found} ${found === 1 || found === 0 ? one : many}, ${wanted} expected`;
}

function wrongVerdict(deliveries: Observation["deliveries"], wanted: Verdict | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  if (deliveries.length === 0) return "no delivery arrived";
  const wrong = deliveries.find(({ verification }) => verification.verdict !== wanted);
  return wrong && `a signature is ${wrong.verification.verdict}, ${wanted} expected`;
}

function wrongAnswer(answers: readonly ExchangeOutcome[], { status, withinMs }: Conditions): string | undefined {
  if (status === undefined && withinMs === undefined) return undefined;
  if (answers.length === 0) return "nothing was forwarded to the app: start listen with --forward-to";
  const failed = answers.find((answer) => answer.kind === "failed");
  if (failed?.kind === "failed") return `the app did not answer: ${failed.message}`;
  const wrong = status === undefined ? undefined : answers.find((answer) => !isExpected(answer, status));
  if (wrong?.kind === "answered") return `the app answered ${wrong.status}, ${status} expected`;
  if (withinMs === undefined) return undefined;
  const slow = answers.find(({ durationMs }) => durationMs > withinMs);
  const took = slow && spellDuration(Math.ceil(slow.durationMs));
  return took && `the app answered after ${took}, at most ${spellDuration(withinMs)} expected`;
}
