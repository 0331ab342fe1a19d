import type { CheckGroup, Finding, Kit } from "./check.ts";
import { isSuccess, milliseconds, mustAllSucceed } from "./findings.ts";
import { GIVE_STATE, SELF_CHANGING, stateChange } from "./state-findings.ts";

const REMEMBER =
  "Remember the identity of each event (event name, data.id and timestamp together, or the event's own id if it has one) under a unique constraint, and answer 2xx without acting when it is there already.";

export const idempotency: CheckGroup = {
  name: "idempotency",
  checks: [
    {
      id: "idempotency.duplicate",
      title: "acts once on a delivery that comes twice",
      requirement: "required",
      why: "A retry whose first try was answered too late, or a duplicate after a 2xx, must not book a fill twice.",
      sent: "order.accepted and order.filled of one order, then the same order.filled again, byte for byte",
      expected: "2xx each time; the app's state unchanged by the last",
      fix: REMEMBER,
      needsSecret: true,
      run: duplicate,
    },
    {
      id: "idempotency.simultaneous",
      title: "acts once on two copies at the same instant",
      requirement: "required",
      why: "Retries and duplicates may overlap: looking whether an event is known, and storing it only later, is a race.",
      sent: "the same order.accepted twice at once",
      expected: "2xx both times; a state that is a number grows as by one event",
      fix: `${REMEMBER} Let the database decide (INSERT … ON CONFLICT DO NOTHING) rather than a look beforehand, and answer 2xx to the loser as well.`,
      needsSecret: true,
      run: simultaneous,
    },
  ],
};

async function duplicate(kit: Kit): Promise<Finding> {
  const { state } = kit;
  const accepted = kit.event("order.accepted", { ageMs: 1_000 });
  const filled = kit.event("order.filled", { about: accepted });
  const start = await state?.settled();
  const first = await kit.send(accepted);
  if (!isSuccess(first)) return mustAllSucceed([["order.accepted", first]]);
  // An app may leave order.accepted alone; if it does not, its change must not be taken for the fill's.
  const beforeFill = start && (await state?.changed(start.value));
  const second = await kit.send(filled);
  if (!isSuccess(second)) return mustAllSucceed([["order.filled", second]]);
  const afterFill = beforeFill && (await state?.changed(beforeFill.value));
  const again = await kit.send(filled);
  const answers = mustAllSucceed([
    ["order.accepted", first],
    ["order.filled", second],
    ["the same again", again],
  ]);
  if (answers.result === "failed") return answers;
  if (state === undefined || beforeFill === undefined) return { result: "unproven", got: answers.got, fix: GIVE_STATE };
  if (!beforeFill.isAtRest || start?.isAtRest === false || afterFill?.isAtRest === false) return SELF_CHANGING;
  if (afterFill?.isChanged !== true) {
    return {
      result: "unproven",
      got: `${answers.got}; but the first order.filled did not change the state either`,
      fix: "If order.accepted-then-filled fails as well, mend that first; else let --state print something that every order.filled changes, such as the number of fills.",
    };
  }
  const end = await state.settled();
  if (!end.isAtRest) return SELF_CHANGING;
  if (end.value === afterFill.value) {
    return {
      result: "passed",
      got: `${answers.got}; the state stayed as it was for ${milliseconds(end.waitedMs)} after the duplicate`,
    };
  }
  return {
    result: "failed",
    got: `2xx, but the duplicate changed the state: ${stateChange(afterFill.value, end.value)}`,
  };
}

/**
 * Two at once can only be told from one where the state counts: there one event's step is the measure. An app that acts on
 * every duplicate is told so by the check above; here it is the race that counts.
 */
async function simultaneous(kit: Kit): Promise<Finding> {
  const [measure, twin] = [kit.event("order.accepted"), kit.event("order.accepted")];
  const step = await stepOf(kit, measure);
  const outcomes = await Promise.all([kit.send(twin), kit.send(twin)]);
  const answers = mustAllSucceed([
    ["the first", outcomes[0]],
    ["the second", outcomes[1]],
  ]);
  if (answers.result === "failed" || step === undefined || kit.state === undefined) return answers;
  const after = await kit.state.changed(step.value);
  const grown = numberOf(after.value) - Number(step.value);
  if (!after.isAtRest) return SELF_CHANGING;
  if (grown === step.size)
    return { result: "passed", got: `${answers.got}; the state grew by ${grown}, as by one event` };
  return {
    result: "failed",
    got: `2xx, but the state grew by ${grown}, where one event makes it grow by ${step.size}`,
  };
}

/** By how much one event makes a state grow that is a number; undefined where that cannot be known. */
async function stepOf(
  kit: Kit,
  event: ReturnType<Kit["event"]>,
): Promise<{ readonly value: string; readonly size: number } | undefined> {
  const { state } = kit;
  const before = await state?.settled();
  if (state === undefined || before === undefined || !before.isAtRest || Number.isNaN(numberOf(before.value))) {
    return undefined;
  }
  if (!isSuccess(await kit.send(event))) return undefined;
  const after = await state.changed(before.value);
  if (!after.isChanged || !after.isAtRest) return undefined;
  await kit.send(event);
  const end = await state.settled();
  const size = numberOf(after.value) - numberOf(before.value);
  return end.value === after.value && Number.isFinite(size) ? { value: end.value, size } : undefined;
}

function numberOf(state: string): number {
  return state.trim() === "" ? Number.NaN : Number(state);
}
