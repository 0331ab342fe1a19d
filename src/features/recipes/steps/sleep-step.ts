import { spellDuration } from "../../../core/duration.ts";
import { duration, fields } from "../recipe-fields.ts";
import { defineStep } from "../step.ts";

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
