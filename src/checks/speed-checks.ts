import { ANSWER_TIMEOUT, ANSWER_TIMEOUT_MS, SLOW_ANSWER } from "../core/delivery-policy.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { CheckEvent, CheckGroup, Finding, Kit } from "./check-definition.ts";
import { isSuccess, milliseconds, mustAllSucceed, stateChange } from "./findings.ts";

const ANSWER_FIRST = "Store the event, answer 2xx, and do the work afterwards in a queue or a background job.";

export const speed: CheckGroup = {
  name: "speed",
  checks: [
    {
      id: "speed.answer",
      title: `answers well within ${ANSWER_TIMEOUT}`,
      requirement: "required",
      why: `An answer after ${ANSWER_TIMEOUT} is a failure: Bluum sends the event again, although it was processed.`,
      sent: "several correctly signed order.filled events, one after the other",
      expected: `2xx, each within ${ANSWER_TIMEOUT}, and better within ${SLOW_ANSWER}`,
      fix: ANSWER_FIRST,
      needsSecret: true,
      run: answer,
    },
    {
      id: "speed.burst",
      title: "accepts a burst of events",
      requirement: "required",
      why: "When markets open, the orders of a day may fill within one second.",
      sent: "50 correctly signed order.accepted events at once, each of another order",
      expected: `2xx for each within ${ANSWER_TIMEOUT}, and better within ${SLOW_ANSWER}, and none lost`,
      fix: "Put each event into a durable queue before answering, and remove limits that refuse or discard events under load: pools, rate limits, bounded queues.",
      needsSecret: true,
      looksAtState: true,
      run: burst,
    },
  ],
};

const LET_REPEATS_REST =
  "Fix idempotency.duplicate first, and make --state print something that every order.accepted changes, and nothing else.";

async function answer(kit: Kit): Promise<Finding> {
  const sent: [string, ExchangeOutcome][] = [];
  for (let turn = 0; turn < kit.limits.samples; turn += 1) {
    const outcome = await kit.send(kit.event("order.filled"));
    sent.push([`event ${turn + 1}`, outcome]);
    if (outcome.durationMs > kit.limits.quickMs) break;
  }
  return mustAllBeQuick(sent, kit);
}

/** Passed if all responses are 2xx and quick. */
function mustAllBeQuick(
  sent: readonly (readonly [name: string, outcome: ExchangeOutcome])[],
  { limits }: Kit,
): Finding {
  const answers = mustAllSucceed(sent);
  const slowest = Math.max(...sent.map(([, { durationMs }]) => durationMs));
  if (answers.result === "failed" || slowest <= limits.quickMs) return answers;
  return {
    result: "failed",
    // Only one edition of the documentation asks for it.
    isAdvice: slowest <= ANSWER_TIMEOUT_MS,
    fix: ANSWER_FIRST,
    got: `${answers.got}; the limit is ${ANSWER_TIMEOUT}, and that of Bluum's example application ${milliseconds(limits.quickMs)}`,
  };
}

async function burst(kit: Kit): Promise<Finding> {
  const obstacle = await whyLossIsInvisible(kit);
  const events = Array.from({ length: kit.limits.burst }, () => kit.event("order.accepted"));
  const outcomes = await Promise.all(events.map((event) => kit.send(event)));
  const answers = mustAllBeQuick(
    outcomes.map((outcome, index) => [`event ${index + 1}`, outcome]),
    kit,
  );
  if (!outcomes.every(isSuccess) || kit.state === undefined) return answers;
  if (obstacle !== undefined) {
    const got = `${answers.got}; but a lost event would not be visible, because ${obstacle}`;
    return { result: "unproven", got, fix: LET_REPEATS_REST };
  }
  return nothingLost(kit, events, answers);
}

/** Why a lost event is not visible. It is visible if one event changes the state and its repetition does not. */
async function whyLossIsInvisible({ state, ...kit }: Kit): Promise<string | undefined> {
  if (state === undefined) return undefined;
  const before = await state.settled();
  if (!before.isAtRest) return "the state changes by itself";
  const control = kit.event("order.accepted");
  if (!isSuccess(await kit.send(control))) return "a single order.accepted was not accepted";
  const after = await state.changed(before.value);
  if (!after.isChanged) return "order.accepted does not change the state";
  if (!after.isAtRest) return "the state changes by itself";
  await kit.send(control);
  return (await state.settled()).value === after.value ? undefined : "a repeated event changes the state too";
}

/** Sends each event of the burst again, one by one: an event that changes the state now was lost before. */
async function nothingLost(kit: Kit, events: readonly CheckEvent[], answers: Finding): Promise<Finding> {
  const before = await kit.state?.settled();
  for (const event of events) await kit.send(event);
  const after = await kit.state?.settled();
  if (before === undefined || after === undefined || !before.isAtRest || before.value === after.value) return answers;
  return {
    result: "failed",
    got: `2xx for all, but some were lost: sent again one by one, they changed the state: ${stateChange(before.value, after.value)}`,
  };
}
