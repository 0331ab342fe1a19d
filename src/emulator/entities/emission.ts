import { scalarText, stringify } from "../../core/json-text.ts";
import { payloadIn, type PayloadForm } from "../../core/payload-form.ts";
import type { Clock } from "../../platform/clock.ts";
import { newId } from "../../platform/ids.ts";

/** An event, in the bytes that every subscriber gets. */
export interface Emission {
  /**
   * Not in the published payload; signatures that include an event id use it, the same for each subscriber and retry.
   */
  readonly id: string;
  readonly event: string;
  /** The id of its resource: events of one resource are delivered in order. Null if there is none. */
  readonly resourceId: string | null;
  readonly body: Buffer;
}

/** What an event is made with: the time, and the form of the payload. */
export interface EmissionContext {
  readonly clock: Pick<Clock, "now">;
  readonly payload: PayloadForm;
}

/** An event of now. The published payload has whole seconds; `data` has the id of the event's resource as `id`. */
export function newEmission(
  event: string,
  data: Readonly<Record<string, unknown>>,
  { clock, payload }: EmissionContext,
): Emission {
  const timestamp = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    id: newId("evt"),
    event,
    resourceId: scalarText(data["id"]) ?? null,
    body: Buffer.from(stringify(payloadIn(payload, { event, timestamp, data }))),
  };
}
