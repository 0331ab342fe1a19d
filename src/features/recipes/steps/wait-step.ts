import * as v from "valibot";
import { spellDuration } from "../../../core/duration.ts";
import { AppError } from "../../../core/errors.ts";
import { CLOCK_SLACK_MS, waitForEvents } from "../../events/wait-for-event.ts";
import { duration, fields, names, text } from "../recipe-fields.ts";
import { defineStep } from "../step.ts";

const waitFields = fields({ for: text, events: v.optional(names), timeout: v.optional(duration, "60s") }, "for");

/** Waits until the listener has received events of an earlier step's resource. */
export const wait = defineStep({
  kind: "wait",
  schema: waitFields,
  events: ({ events }) => events ?? [],
  refersTo: (given) => [given.for],
  needs: () => ["listener"],
  label: (given) => `for ${given.for}`,
  async run(given, { outputs, store, clock, signal, beforeWait }) {
    const cause = outputs.get(given.for);
    if (cause === undefined || cause.resourceId === null) {
      throw new AppError(
        "expectation_failed",
        `the event ${given.for} has no data.id, so its events cannot be awaited`,
      );
    }
    const wanted = given.events ?? cause.leadsTo;
    if (cause.answers === undefined) beforeWait(wanted);
    const arrived: { event: string; afterMs: number }[] = [];
    await waitForEvents(
      {
        resourceId: cause.resourceId,
        sinceMs: cause.startedAt - CLOCK_SLACK_MS,
        wanted,
        failing: cause.failing,
        // The named events may be only the first: a later step may wait for the rest.
        leavesRest: given.events !== undefined,
        timeoutMs: given.timeout,
      },
      { store: await store(), clock, signal },
      ({ event, receivedAt }) =>
        arrived.push({ event: event ?? "?", afterMs: Math.max(0, receivedAt - cause.startedAt) }),
    );
    return {
      detail: arrived.map(({ event, afterMs }) => `${event} after ${spellDuration(afterMs)}`).join(", "),
      data: { resourceId: cause.resourceId, arrived },
    };
  },
});

/** Waits, to check that something does not happen. */
export const sleep = defineStep({
  kind: "sleep",
  schema: fields({ time: duration }, "time"),
  needs: () => [],
  label: ({ time }) => spellDuration(time),
  async run({ time }, { clock, signal }) {
    await clock.sleep(time, signal);
    return { detail: "" };
  },
});
