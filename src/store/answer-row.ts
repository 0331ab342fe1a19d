import { isHungUp, type Answer } from "../core/delivery.ts";

/**
 * The status stored for a sender that closed the connection; the milliseconds stored with it are the time until then.
 */
const HUNG_UP = 0;

/** A status and milliseconds, as the log and the tables store an answer. */
export type AnswerColumns = readonly [status: number, ms: number];

export function answerColumns(answer: Answer): AnswerColumns {
  return isHungUp(answer) ? [HUNG_UP, answer.hungUpAfterMs] : [answer.status, answer.durationMs];
}

export function readAnswer([status, ms]: AnswerColumns): Answer {
  return status === HUNG_UP ? { hungUpAfterMs: ms } : { status, durationMs: ms };
}
