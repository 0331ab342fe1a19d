import { scalarText, stringify } from "../../core/json-text.ts";
import { newId } from "../../platform/ids.ts";

/** An event, in the bytes that every subscriber gets. */
export interface Emission {
  /**
   * Not in the published payload; signatures that include an event id use it, the same for each subscriber and retry.
   */
  readonly id: string;
  readonly event: string;
  /** `data.id`: events of one resource are delivered in order. Null if there is none. */
  readonly resourceId: string | null;
  readonly body: Buffer;
}

/** `at` is Unix time in milliseconds; the published payload has whole seconds. */
export function newEmission(event: string, at: number, data: Readonly<Record<string, unknown>>): Emission {
  const timestamp = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    id: newId("evt"),
    event,
    resourceId: scalarText(data["id"]) ?? null,
    body: Buffer.from(stringify({ event, timestamp, data })),
  };
}
