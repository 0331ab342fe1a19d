import { endedAfterMs, isHungUp, readDelivery, type Answer } from "../../core/delivery.ts";
import type { Answer as ShownAnswer, Row } from "../../inspector/contract.ts";
import { summarize } from "../../output/live/summaries.ts";
import type { ListedDelivery } from "../../store/rows-query.ts";

/** A delivery in the format of the page's list. */
export function rowOf({ verification, recurrence, answer, forward, outcome, body, ...delivery }: ListedDelivery): Row {
  return {
    ...delivery,
    summary: body === undefined ? "" : summaryOf(body, delivery),
    verdict: verification.verdict,
    recurrence: { kind: recurrence.kind, attempt: recurrence.attempt, duplicateOf: recurrence.duplicateOf ?? null },
    answer: answer === undefined ? null : shownAnswer(answer),
    forward: forward ?? null,
    outcome: outcome ?? null,
  };
}

export function shownAnswer(answer: Answer): ShownAnswer {
  return { status: isHungUp(answer) ? null : answer.status, durationMs: endedAfterMs(answer) };
}

function summaryOf(body: Buffer, { id, event, receivedAt }: Pick<Row, "id" | "event" | "receivedAt">): string {
  const { payload } = readDelivery(id, { method: "", path: "", headers: [], body, receivedAt });
  return summarize({ event, payload, body });
}
