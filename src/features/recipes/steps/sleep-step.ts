import { spellDuration } from "../../../core/duration.ts";
import { duration, fields } from "../recipe-fields.ts";
import { defineStep } from "../step.ts";

/** Lets time pass: for what shall not happen, since nothing else can be waited for then. */
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
