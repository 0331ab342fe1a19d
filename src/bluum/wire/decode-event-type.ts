import { unwrapList } from "./envelope.ts";
import { type Field, readFields, text, textOrNull } from "./fields.ts";

/** An entry of Bluum's event catalogue. */
export interface EventType {
  /** `order.filled` */
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly displayName: string | null;
  /** Every other field, as sent. */
  readonly unknown: Record<string, unknown>;
}

const FIELDS = {
  name: { from: ["name"], as: text },
  description: { from: ["description"], as: textOrNull },
  category: { from: ["category"], as: textOrNull },
  displayName: { from: ["displayName", "display_name"], as: textOrNull },
} satisfies Record<string, Field>;

/** The catalogue in a response; a bare name counts as an entry. Throws `api_invalid_response`. */
export function decodeEventTypes(answer: unknown): EventType[] {
  return unwrapList(answer, ["eventTypes", "event_types"]).items.map((item) => {
    const { read, unknown } = readFields("an event type", FIELDS, typeof item === "string" ? { name: item } : item);
    return { ...read, unknown };
  });
}
