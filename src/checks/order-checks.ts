import type { CheckGroup, Finding, Kit } from "./check-definition.ts";
import { isSuccess, milliseconds, mustAllSucceed, GIVE_STATE, SELF_CHANGING, stateChange } from "./findings.ts";
import type { Change } from "./state-watch.ts";

/** Two events of one order: sent in either order, and never treated as duplicates. */
export const order: CheckGroup = {
  name: "order",
  checks: [
    {
      id: "order.filled-first",
      title: "accepts order.filled before order.accepted",
      requirement: "required",
      why: "Retries change the order: events may not arrive in the order in which they happened.",
      sent: "order.filled, then the earlier order.accepted of the same order",
      expected: "2xx both times; the fill is not discarded",
      fix: "Accept events in any order, create missing objects, and never let an older event (by its timestamp) overwrite a newer one. Do not answer 2xx to an event that you discard.",
      needsSecret: true,
      looksAtState: true,
      run: filledFirst,
    },
    {
      id: "order.accepted-then-filled",
      title: "processes both events of one order",
      requirement: "required",
      why: "Both have the same data.id, the order's. A handler that uses it as the event's ID discards every fill.",
      sent: "order.accepted, then order.filled of the same order",
      expected: "2xx both times; the app's state changed by each",
      fix: "Do not deduplicate on data.id alone: the identity of an event is its own ID if it has one, otherwise the exact bytes of its body.",
      needsSecret: true,
      looksAtState: true,
      run: acceptedThenFilled,
    },
  ],
};

async function filledFirst(kit: Kit): Promise<Finding> {
  const { state } = kit;
  const accepted = kit.event("order.accepted", { ageMs: 1_000 });
  const filled = kit.event("order.filled", { about: accepted });
  const answers = mustAllSucceed([
    ["order.filled", await kit.send(filled)],
    ["order.accepted after it", await kit.send(accepted)],
  ]);
  const before = answers.result === "failed" ? undefined : await state?.settled();
  if (state === undefined || before?.isAtRest !== true) return answers;
  // An event that was processed is a duplicate now; one that was discarded without a trace is processed now.
  await kit.send(filled);
  const after = await state.settled();
  if (!after.isAtRest || after.value === before.value) return answers;
  // Another check reports an app that processes every copy.
  await kit.send(filled);
  if ((await state.settled()).value !== after.value) return answers;
  return {
    result: "failed",
    got: `2xx, but the order.filled that arrived first was discarded: sent again, it changed the state: ${stateChange(before.value, after.value)}`,
  };
}

async function acceptedThenFilled(kit: Kit): Promise<Finding> {
  const { state } = kit;
  const accepted = kit.event("order.accepted", { ageMs: 1_000 });
  const filled = kit.event("order.filled", { about: accepted });
  const before = await state?.settled();
  const first = await kit.send(accepted);
  if (!isSuccess(first)) return mustAllSucceed([["order.accepted", first]]);
  const afterFirst = before && (await state?.changed(before.value));
  const second = await kit.send(filled);
  const answers = mustAllSucceed([
    ["order.accepted", first],
    ["order.filled", second],
  ]);
  if (answers.result === "failed") return answers;
  if (state === undefined || before === undefined) return { result: "unproven", got: answers.got, fix: GIVE_STATE };
  if (!before.isAtRest || afterFirst?.isAtRest === false) return SELF_CHANGING;
  if (afterFirst?.isChanged !== true) {
    return {
      result: "failed",
      got: `2xx, but order.accepted did not change the state ${within(afterFirst)}`,
      fix: "Process order.accepted, or make --state print something that it changes, such as the status of each order.",
    };
  }
  const afterSecond = await state.changed(afterFirst.value);
  if (!afterSecond.isChanged) {
    const got = `2xx, but order.filled did not change the state ${within(afterSecond)}: it was discarded`;
    return { result: "failed", got };
  }
  return {
    result: "passed",
    got: `${answers.got}; the state changed both times, and settled after ${milliseconds(afterFirst.waitedMs)} and ${milliseconds(afterSecond.waitedMs)}`,
  };
}

function within(change: Change | undefined): string {
  return `within ${milliseconds(change?.waitedMs ?? 0)}`;
}
