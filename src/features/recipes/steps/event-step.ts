import pLimit from "p-limit";
import * as v from "valibot";
import { SIGNATURE_VARIANTS } from "../../../core/event-request.ts";
import { AppError } from "../../../core/errors.ts";
import { JsonText, stringify } from "../../../core/json-text.ts";
import { PAYLOAD_FORMS } from "../../../core/payload-form.ts";
import { SCHEMES } from "../../../core/signature.ts";
import { LinkedAbort } from "../../../platform/abort.ts";
import type { Settings } from "../../../config/settings.ts";
import { prepareEvent, sendEvent, signingSecret } from "../../events/send-event.ts";
import { count, duration, fields, flag, oneOf, record, text } from "../recipe-fields.ts";
import { defineStep } from "../step.ts";

const eventFields = fields(
  {
    name: text,
    data: v.optional(record("must be an object")),
    set: v.optional(record("must be an object of paths and values"), {}),
    copies: v.optional(count(1), 1),
    "at-once": v.optional(flag, false),
    signature: v.optional(oneOf(SIGNATURE_VARIANTS), "signed"),
    scheme: v.optional(oneOf(SCHEMES), "standard-webhooks"),
    "signature-header": v.optional(text),
    generation: v.optional(oneOf(["current", "legacy"])),
    payload: v.optional(oneOf(PAYLOAD_FORMS), "event"),
    timeout: v.optional(duration, "30s"),
  },
  "name",
);

/** Sends a signed event to the endpoint, without the API, as `trigger event` does. */
export const event = defineStep({
  kind: "event",
  schema: eventFields,
  gives: ["id", "event"],
  events: ({ name }) => [name],
  needs: () => ["target"],
  label: ({ name, copies }) => (copies === 1 ? name : `${name} ×${copies}`),
  check: (given, settings) => void prepare(given, settings, 0),
  async run(given, { settings, poster, target, clock, signal }) {
    const startedAt = clock.now();
    const url = await target();
    const delivery = prepare(given, settings, startedAt);
    const oneByOne = pLimit(given["at-once"] ? Number.POSITIVE_INFINITY : 1);
    using stop = new LinkedAbort(signal);
    const answers = await Promise.all(
      Array.from({ length: given.copies }, () =>
        oneByOne(() => sendEvent(poster, delivery, { url, timeoutMs: given.timeout, signal: stop.signal })),
      ),
    );
    signal.throwIfAborted();
    const failure = answers.find((answer) => answer.kind === "failed");
    if (failure !== undefined) {
      throw new AppError("unexpected_answer", `${url} did not answer: ${failure.message}`, {
        hint: "Start the app, or use another URL with --to.",
      });
    }
    const statuses = answers.flatMap((answer) => (answer.kind === "answered" ? [answer.status] : []));
    const id = delivery.resourceId;
    return {
      detail: `${id ?? "-"} ${tally(statuses)}`,
      data: { resourceId: id, url, statuses },
      output: {
        resourceId: id,
        startedAt,
        leadsTo: [delivery.event],
        failing: [],
        answers,
        values: { id: id ?? "", event: delivery.event },
      },
    };
  },
});

function prepare(given: v.InferOutput<typeof eventFields>, settings: Settings, now: number) {
  return prepareEvent(
    {
      event: given.name,
      generation: given.generation ?? settings.owner?.generation ?? "current",
      form: given.payload,
      owner: settings.owner,
      data: given.data && new JsonText(stringify(given.data)),
      set: Object.entries(given.set).map(([path, value]) => ({ path, json: stringify(value) })),
      variant: given.signature,
      scheme: given.scheme,
      header: given["signature-header"],
    },
    { secret: signingSecret(settings, given.signature), now },
  );
}

/** `[200, 200, 401]` → `200 ×2, 401`. */
function tally(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, times]) => (times === 1 ? String(status) : `${status} ×${times}`)).join(", ");
}
