import type { CheckEvent, CheckGroup, Finding, Kit } from "./check-definition.ts";
import {
  isSuccess,
  milliseconds,
  mustAllSucceed,
  COUNT_IN_STATE,
  GIVE_STATE,
  SELF_CHANGING,
  stateChange,
} from "./findings.ts";
import { formatUnits, totalOf } from "./state-total.ts";
import type { StateWatch } from "./state-watch.ts";

const REMEMBER =
  "Store the identity of each event (its own ID if it has one, otherwise a hash of the exact bytes of the body) under a unique constraint, and answer 2xx without processing an event that is already stored.";

export const idempotency: CheckGroup = {
  name: "idempotency",
  checks: [
    {
      id: "idempotency.duplicate",
      title: "processes a repeated delivery once",
      requirement: "required",
      why: "A retry after a late answer, or a duplicate after a 2xx, must not book a fill twice.",
      sent: "order.accepted and order.filled of one order, then both again, byte for byte, the later one first",
      expected: "2xx each time; the app's state unchanged by the last two",
      fix: REMEMBER,
      needsSecret: true,
      looksAtState: true,
      run: duplicate,
    },
    {
      id: "idempotency.simultaneous",
      title: "processes two simultaneous copies once",
      requirement: "required",
      why: "Retries and duplicates may overlap: looking up an event before storing it is a race condition.",
      sent: "the same event twice at once: order.accepted, or order.filled if the state counts only that",
      expected: "2xx both times; the numbers in the app's state grow as for one event",
      fix: `${REMEMBER} Let the database decide (INSERT … ON CONFLICT DO NOTHING) rather than a lookup, and answer 2xx to the second copy as well.`,
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
  // An app may ignore order.accepted; if it does not, the change must not be attributed to the fill.
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
      fix: "If order.accepted-then-filled fails as well, fix that first; otherwise make --state print something that every order.filled changes, such as the number of fills.",
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
 * Sends one event twice at the same time. The copies can only be distinguished by a state with numbers: the growth
 * that one event causes is the measure. An app that processes every copy fails here too, because it books the event
 * twice.
 */
async function simultaneous(kit: Kit): Promise<Finding> {
  const step = await measureStep(kit);
  const twin = await nextEvent(kit, step?.name ?? "order.accepted");
  if ("result" in twin) return twin;
  const before = step === undefined ? undefined : await kit.state?.settled();
  const outcomes = await Promise.all([kit.send(twin), kit.send(twin)]);
  const answers = mustAllSucceed([
    ["the first", outcomes[0]],
    ["the second", outcomes[1]],
  ]);
  if (answers.result === "failed") return answers;
  if (kit.state === undefined) return { result: "unproven", got: answers.got, fix: GIVE_STATE };
  if (step === undefined || before === undefined) {
    return { ...COUNT_IN_STATE, got: `${answers.got}; ${COUNT_IN_STATE.got}` };
  }
  const after = await kit.state.changed(before.value);
  if (!before.isAtRest || !after.isAtRest) return SELF_CHANGING;
  const growth = (totalOf(after.value) ?? 0n) - (totalOf(before.value) ?? 0n);
  if (growth === step.growth) {
    return { result: "passed", got: `${answers.got}; the state grew by ${formatUnits(growth)}, as for one event` };
  }
  return {
    result: "failed",
    got: `2xx, but the state grew by ${formatUnits(growth)}, and a single event makes it grow by ${formatUnits(step.growth)}`,
  };
}

/** The events of an order in the order in which they are tried: an app may count only one of them. */
const COUNTED = ["order.accepted", "order.filled"] as const;
type CountedName = (typeof COUNTED)[number];

interface Step {
  readonly name: CountedName;
  readonly growth: bigint;
}

/** An event that increases the numbers in the state, and by how much; undefined if no event does so reliably. */
async function measureStep(kit: Kit): Promise<Step | undefined> {
  if (kit.state === undefined) return undefined;
  for (const name of COUNTED) {
    // Only an equal change by two events counts: a time in the state increases too.
    const first = await growthBy(kit, kit.state, name);
    if (first === undefined || first === 0n) continue;
    if (first === (await growthBy(kit, kit.state, name))) return { name, growth: first };
  }
  return undefined;
}

/** By how much one event of this name increases the numbers in the state; undefined if that cannot be determined. */
async function growthBy(kit: Kit, state: StateWatch, name: CountedName): Promise<bigint | undefined> {
  const event = await nextEvent(kit, name);
  if ("result" in event) return undefined;
  const before = await state.settled();
  if (!before.isAtRest || !isSuccess(await kit.send(event))) return undefined;
  const after = await state.changed(before.value);
  const total = totalOf(after.value);
  if (!after.isChanged || !after.isAtRest || total === undefined) return undefined;
  return total - (totalOf(before.value) ?? 0n);
}

/** An event of a new order whose preceding event has been sent, or the failure to send it. */
async function nextEvent(kit: Kit, name: CountedName): Promise<CheckEvent | Finding> {
  if (name === "order.accepted") return kit.event(name);
  const accepted = kit.event("order.accepted", { ageMs: 1_000 });
  const answer = mustAllSucceed([["order.accepted", await kit.send(accepted)]]);
  return answer.result === "failed" ? answer : kit.event(name, { about: accepted });
}
