import type { CheckGroup, Finding, Kit } from "./check.ts";
import { isSuccess, milliseconds, mustAllSucceed } from "./findings.ts";
import { COUNT_IN_STATE, GIVE_STATE, SELF_CHANGING, stateChange } from "./state-findings.ts";
import { formatUnits, totalOf } from "./state-total.ts";

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
      sent: "order.accepted and order.filled of one order, then both again, byte for byte, the later one first",
      expected: "2xx each time; the app's state unchanged by the last two",
      fix: REMEMBER,
      needsSecret: true,
      looksAtState: true,
      run: duplicate,
    },
    {
      id: "idempotency.simultaneous",
      title: "acts once on two copies at the same instant",
      requirement: "required",
      why: "Retries and duplicates may overlap: looking whether an event is known, and storing it only later, is a race.",
      sent: "the same order.accepted twice at once",
      expected: "2xx both times; the numbers in the app's state grow as by one event",
      fix: `${REMEMBER} Let the database decide (INSERT … ON CONFLICT DO NOTHING) rather than a look beforehand, and answer 2xx to the loser as well.`,
      needsSecret: true,
      looksAtState: true,
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
  const answers = mustAllSucceed([
    ["order.accepted", first],
    ["order.filled", second],
    ["order.filled again", await kit.send(filled)],
    ["order.accepted again", await kit.send(accepted)],
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
      got: `${answers.got}; the state stayed as it was for ${milliseconds(end.waitedMs)} after the duplicates`,
    };
  }
  return {
    result: "failed",
    got: `2xx, but the duplicates changed the state: ${stateChange(afterFill.value, end.value)}`,
  };
}

/**
 * Two at once can only be told from one where the state counts: there one event's step is the measure. An app that acts on
 * every duplicate is told so by the check above; here it is the race that counts.
 */
async function simultaneous(kit: Kit): Promise<Finding> {
  const twin = kit.event("order.accepted");
  const step = await stepOf(kit);
  const outcomes = await Promise.all([kit.send(twin), kit.send(twin)]);
  const answers = mustAllSucceed([
    ["the first", outcomes[0]],
    ["the second", outcomes[1]],
  ]);
  if (answers.result === "failed") return answers;
  if (kit.state === undefined) return { result: "unproven", got: answers.got, fix: GIVE_STATE };
  if (step === undefined) return { ...COUNT_IN_STATE, got: `${answers.got}; ${COUNT_IN_STATE.got}` };
  const after = await kit.state.changed(step.value);
  if (!after.isAtRest) return SELF_CHANGING;
  const grown = (totalOf(after.value) ?? 0n) - step.total;
  if (grown === step.size) {
    return { result: "passed", got: `${answers.got}; the state grew by ${formatUnits(grown)}, as by one event` };
  }
  return {
    result: "failed",
    got: `2xx, but the state grew by ${formatUnits(grown)}, where one event makes it grow by ${formatUnits(step.size)}`,
  };
}

interface Step {
  /** The state from which the next event is measured. */
  readonly value: string;
  readonly total: bigint;
  readonly size: bigint;
}

/** By how much one event makes the numbers in the state grow; undefined where that cannot be known. */
async function stepOf(kit: Kit): Promise<Step | undefined> {
  const { state } = kit;
  const start = await state?.settled();
  if (state === undefined || start?.isAtRest !== true) return undefined;
  const sizes: bigint[] = [];
  let value = start.value;
  // Only what two events do alike is a measure: a time in the state grows too.
  for (const event of [kit.event("order.accepted"), kit.event("order.accepted")]) {
    if (!isSuccess(await kit.send(event))) return undefined;
    const after = await state.changed(value);
    const [total, before] = [totalOf(after.value), totalOf(value)];
    if (!after.isChanged || !after.isAtRest || total === undefined) return undefined;
    sizes.push(total - (before ?? 0n));
    value = after.value;
    await kit.send(event);
    if ((await state.settled()).value !== value) return undefined;
  }
  const [size, other] = sizes;
  const total = totalOf(value);
  return size === undefined || size !== other || size === 0n || total === undefined
    ? undefined
    : { value, total, size };
}
