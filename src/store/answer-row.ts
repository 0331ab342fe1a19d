import { isHungUp, type Answer } from "../core/delivery.ts";

/** The status that stands for a sender who hung up; the milliseconds beside it are those after which it did. */
const HUNG_UP = 0;

/** A status and milliseconds, as the log and the tables hold an answer. */
export type AnswerColumns = readonly [status: number, ms: number];

export function answerColumns(answer: Answer): AnswerColumns {
  return isHungUp(answer) ? [HUNG_UP, answer.hungUpAfterMs] : [answer.status, answer.durationMs];
}

export function readAnswer([status, ms]: AnswerColumns): Answer {
  return status === HUNG_UP ? { hungUpAfterMs: ms } : { status, durationMs: ms };
}
