import { isHungUp } from "../../core/delivery.ts";
import { ANSWER_TIMEOUT, SLOW_ANSWER, SLOW_ANSWER_MS } from "../../core/delivery-policy.ts";
import { spellDuration } from "../../core/duration.ts";
import type { NewFact } from "../../core/facts.ts";
import type { FactListener } from "../../delivery/bus.ts";

/** Publishes once that a response took longer than one edition of Bluum's documentation allows. */
export function watchForSlowAnswers(publish: (fact: NewFact) => void): FactListener {
  let hasWarned = false;
  return (fact) => {
    if (hasWarned || fact.type !== "answer" || isHungUp(fact) || fact.durationMs <= SLOW_ANSWER_MS) return;
    hasWarned = true;
    publish({
      type: "warning",
      code: "slow_answer",
      message: `a delivery was answered after ${spellDuration(fact.durationMs)}: the limit is ${ANSWER_TIMEOUT}, and that of Bluum's example application ${SLOW_ANSWER}`,
      hint: "Answer as soon as the event is stored, and do the work afterwards. Count slow answers with: bluum-hooks events stats",
    });
  };
}
