import * as v from "valibot";
import { VERDICTS } from "../../../core/delivery.ts";
import { spellDuration } from "../../../core/duration.ts";
import { AppError } from "../../../core/errors.ts";
import type { StoreReader } from "../../../store/store.ts";
import { CLOCK_SLACK_MS } from "../../events/wait-for-event.ts";
import { type Observation, unmet } from "../expectations.ts";
import { answerRule, count, duration, fields, names, oneOf, text } from "../recipe-fields.ts";
import { defineStep, type StepOutput } from "../step.ts";

const CONDITIONS = ["status", "within", "deliveries", "distinct", "duplicates", "verdict"] as const;

const expectFields = v.pipe(
  fields({
    of: text,
    events: v.optional(names),
    status: v.optional(answerRule),
    within: v.optional(duration),
    deliveries: v.optional(count(0)),
    distinct: v.optional(count(0)),
    duplicates: v.optional(count(0)),
    verdict: v.optional(oneOf(VERDICTS)),
    timeout: v.optional(duration, "5s"),
  }),
  v.check(
    (given) => CONDITIONS.some((name) => given[name] !== undefined),
    `must have a condition: ${CONDITIONS.join(", ")}`,
  ),
);
type ExpectFields = v.InferOutput<typeof expectFields>;

const POLL_MS = 50;

/** Compares received deliveries and responses with the conditions, and waits for a time until they are met. */
export const expect = defineStep({
  kind: "expect",
  schema: expectFields,
  events: ({ events }) => events ?? [],
  refersTo: ({ of }) => [of],
  needs: (given) => (isAboutDeliveries(given) ? ["listener"] : []),
  label: ({ of }) => `of ${of}`,
  async run(given, { outputs, store, clock, signal, beforeWait }) {
    const cause = outputs.get(given.of);
    if (cause === undefined) throw new AppError("internal", `the step ${given.of} has no output`);
    if (cause.answers === undefined) beforeWait(given.events ?? []);
    const conditions = { ...given, withinMs: given.within };
    const giveUpAt = clock.now() + given.timeout;
    for (;;) {
      const observation = await observe(given, cause, store);
      const fault = unmet(conditions, observation);
      if (fault === undefined) return { detail: held(given), data: { resourceId: cause.resourceId } };
      if (clock.now() >= giveUpAt) {
        throw new AppError("expectation_failed", fault, {
          hint: `List the deliveries with: bluum-hooks events list${cause.resourceId === null ? "" : ` --resource ${cause.resourceId}`}`,
        });
      }
      await clock.sleep(POLL_MS, signal);
    }
  },
});

/** Whether the listener's deliveries are needed. An event that the recipe sent itself has its responses already. */
function isAboutDeliveries(given: ExpectFields): boolean {
  return [given.deliveries, given.distinct, given.duplicates, given.verdict].some((each) => each !== undefined);
}

async function observe(
  given: ExpectFields,
  cause: StepOutput,
  store: () => Promise<StoreReader>,
): Promise<Observation> {
  if (cause.answers !== undefined && !isAboutDeliveries(given)) return { deliveries: [], answers: cause.answers };
  if (cause.resourceId === null) return { deliveries: [], answers: cause.answers ?? [] };
  const opened = await store();
  const deliveries = await opened.list({
    resourceId: cause.resourceId,
    sinceMs: cause.startedAt - CLOCK_SLACK_MS,
    ...(given.events === undefined ? {} : { events: given.events }),
    order: "oldest",
  });
  if (cause.answers !== undefined) return { deliveries, answers: cause.answers };
  const attempts = await Promise.all(deliveries.map(async ({ id }) => (await opened.forwards(id)).at(-1)));
  return { deliveries, answers: attempts.flatMap((attempt) => (attempt === undefined ? [] : [attempt.outcome])) };
}

function held(given: ExpectFields): string {
  return CONDITIONS.flatMap((name) => {
    const value = given[name];
    if (value === undefined) return [];
    return [name === "within" ? `within ${spellDuration(Number(value))}` : `${name} ${value}`];
  }).join(", ");
}
