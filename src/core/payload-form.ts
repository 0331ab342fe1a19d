import { scalarText } from "./json-text.ts";

/**
 * The forms in which Bluum has published a payload, by the field that names the event. `event`: the webhook guide's,
 * with `data.id`. `event_type`: that of Bluum's example application, whose ids are named by what they identify.
 */
export const PAYLOAD_FORMS = ["event", "event_type"] as const;
export type PayloadForm = (typeof PAYLOAD_FORMS)[number];

/** A value of a payload, and where it was found: `data.order_id`. */
export interface FoundField {
  readonly path: string;
  readonly text: string;
}

/** What a payload of any form says of its event. */
export interface EventFields {
  readonly name: FoundField | undefined;
  /** The order, transfer, account or document that the event concerns. */
  readonly resource: FoundField | undefined;
  readonly time: FoundField | undefined;
  /** The event's own id, which no published payload has. */
  readonly id: FoundField | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const NAME_FIELDS = [...PAYLOAD_FORMS, "type"];
const TIME_FIELDS = ["timestamp", "created_at", "created"];
const EVENT_ID_FIELDS = ["id", "event_id"];

/** The names of the resource's id other than `id`, the usual one first, by the event's name. */
const ID_FIELDS: readonly (readonly [event: RegExp, fields: readonly string[]])[] = [
  [/^order\./, ["order_id"]],
  [/^(?:transfer\.)?deposit\./, ["deposit_id", "transfer_id"]],
  [/^(?:transfer\.)?withdrawal\./, ["withdrawal_id", "transfer_id"]],
  [/^document\./, ["document_id"]],
  [/^(?:kyc|compliance)\./, ["workflow_id", "account_id", "investor_id"]],
  [/^account\./, ["account_id", "investor_id"]],
];

/** For a name of another domain. */
const ALL_ID_FIELDS = [...new Set(ID_FIELDS.flatMap(([, fields]) => fields))];

/** Reads a parsed payload of any form; a value that is neither text nor a number counts as missing. */
export function readEvent(payload: unknown): EventFields {
  const fields = asObject(payload);
  const data = asObject(fields["data"]);
  const name = find(fields, NAME_FIELDS);
  return {
    name,
    resource: find(data, ["id"], "data.") ?? find(data, idFieldsOf(name?.text ?? ""), "data."),
    time: find(fields, TIME_FIELDS),
    id: find(fields, EVENT_ID_FIELDS),
  };
}

/** The payload of an event in a form. `data` has the id of the event's resource as `id`. */
export function payloadIn(
  form: PayloadForm,
  { event, timestamp, data }: { readonly event: string; readonly timestamp: string; readonly data: Fields },
): Readonly<Record<string, unknown>> & { readonly timestamp: string; readonly data: Fields } {
  if (form === "event") return { event, timestamp, data };
  const { id, ...rest } = data;
  const [name] = ID_FIELDS.find(([pattern]) => pattern.test(event))?.[1] ?? [];
  if (id === undefined || name === undefined) return { event_type: event, timestamp, data };
  // An account is named once, by its owner's field.
  const isNamed = event.startsWith("account.") && Object.values(rest).includes(id);
  return { event_type: event, timestamp, data: isNamed ? rest : { [name]: id, ...rest } };
}

function idFieldsOf(event: string): readonly string[] {
  return ID_FIELDS.find(([pattern]) => pattern.test(event))?.[1] ?? ALL_ID_FIELDS;
}

function find(fields: Fields, names: readonly string[], prefix = ""): FoundField | undefined {
  for (const name of names) {
    const text = scalarText(fields[name]);
    if (text !== undefined && text !== "") return { path: `${prefix}${name}`, text };
  }
  return undefined;
}

function asObject(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
