import * as v from "valibot";
import { type Webhook, WEBHOOK_STATUSES, type WebhookSettings } from "../entities/webhook-entity.ts";
import { optionalField, parseBody, textField } from "./body-fields.ts";

export const DELETED_MESSAGE = "Webhook deleted successfully";

const EVENTS_MESSAGE = "400-001 must list at least one event name or wildcard";

/** The set of events is open, so any valid name is accepted; a star may stand alone or for the last part. */
const eventTypeName = v.pipe(
  v.string("400-003 must be an event name"),
  v.maxLength(128, "400-003 is too long for an event name"),
  v.regex(/^(?:\*|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\.\*)?)$/, "400-003 must be an event name or a wildcard"),
);

const name = textField(255);
const description = v.nullable(v.pipe(v.string(), v.maxLength(1_000, "400-003 must be at most 1000 characters")));
const eventTypeNames = v.pipe(
  v.array(eventTypeName, EVENTS_MESSAGE),
  v.minLength(1, EVENTS_MESSAGE),
  v.maxLength(100, "400-001 must list at most 100 names"),
);

/** Plain HTTP is accepted, as in the sandbox; credentials in a URL are not, because no request could contain them. */
const url = v.pipe(
  v.string("400-003 must be a URL"),
  v.maxLength(2_048, "400-003 is too long for a URL"),
  v.check(isWebUrl, "400-003 must be an absolute http or https URL without credentials"),
);

const common = { url, eventTypeNames, description: optionalField(description) };
const legacyBody = v.object({ name, ...common });
/** The current guide registers a webhook without a name. */
const currentBody = v.object({ name: optionalField(name), ...common });

/** Answers of the two generations have different cases, so both are accepted. */
const status = v.pipe(
  v.string("400-004 must be ACTIVE or INACTIVE"),
  v.toUpperCase(),
  v.picklist(WEBHOOK_STATUSES, "400-004 must be ACTIVE or INACTIVE"),
);

const changesBody = v.partial(v.object({ name, url, eventTypeNames, description, status }));

export function readCurrentWebhook(body: unknown): WebhookSettings {
  return parseBody(currentBody, body);
}

export function readLegacyWebhook(body: unknown): WebhookSettings {
  return parseBody(legacyBody, body);
}

type WebhookChanges = Partial<WebhookSettings & Pick<Webhook, "status">>;

/** Only the fields in the body; an empty body changes nothing. */
export function readWebhookChanges(body: unknown): WebhookChanges {
  const changes = parseBody(changesBody, body);
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as WebhookChanges;
}

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}
