import { unwrapList } from "./envelope.ts";
import { type Field, type Read, readFields, text, textOrNull } from "./fields.ts";

const FIELDS = {
  name: { from: ["name"], as: text },
  description: { from: ["description"], as: textOrNull },
  category: { from: ["category"], as: textOrNull },
  displayName: { from: ["displayName", "display_name"], as: textOrNull },
} satisfies Record<string, Field>;

/** An entry of Bluum's event catalogue, such as `order.filled`. */
export type EventType = Read<typeof FIELDS>;

/** The catalogue in a response; a bare name counts as an entry. Throws `api_invalid_response`. */
export function decodeEventTypes(answer: unknown): EventType[] {
  return unwrapList(answer, ["eventTypes", "event_types"]).items.map((item) =>
    readFields("an event type", FIELDS, typeof item === "string" ? { name: item } : item),
  );
}
