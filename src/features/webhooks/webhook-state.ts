import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookState, Store, WebhookChange } from "../../store/store.ts";
import type { ApiTarget } from "../../core/command-line.ts";

const STATE_FIELDS = [
  "name",
  "url",
  "events",
  "status",
  "description",
] as const satisfies readonly (keyof WebhookState)[];

/** The part of a webhook that can be changed and restored. It contains no secret. */
export function stateOf(webhook: Webhook): WebhookState {
  const { name, url, events, status, description } = webhook;
  return { name, url, events: events && [...events], status: status.toUpperCase(), description };
}

/**
 * The fields to set to get from one state to another: those that differ, with the values of `after`. Event names are
 * compared as a set, and URLs by equivalence. Events that are unknown in `before` are set; those unknown in `after`
 * are left unchanged.
 */
export function differences(before: WebhookState, after: WebhookState): Partial<WebhookState> {
  const isDifferent = (field: (typeof STATE_FIELDS)[number]) =>
    !(field === "events" && after.events === null) && !same(field, before[field], after[field]);
  return Object.fromEntries(STATE_FIELDS.filter(isDifferent).map((field) => [field, after[field]]));
}

/** The fields in which a webhook provably differs from the wanted state; values that are not returned prove nothing. */
export function mismatches(reported: WebhookState, wanted: WebhookState): string[] {
  return Object.keys(differences(reported, { ...wanted, events: reported.events && wanted.events }));
}

/** Whether the API returns any of these fields: otherwise nothing proves that they were set. */
export function isVisible(webhook: Webhook, set: Partial<WebhookState>): boolean {
  return Object.keys(set).some((field) => field !== "events" || webhook.events !== null);
}

type Value = WebhookState[keyof WebhookState];

function same(field: keyof WebhookState, one: Value, other: Value): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
  }
  if (field === "url") return isSameUrl(String(one), String(other));
  // An absent description is null in one API version and empty in another.
  return (one ?? "") === (other ?? "");
}

type Changes = Pick<Store["changes"], "list">;

/** A webhook as the API returns it; events that it does not return come from the journal. */
export async function knownState(changes: Changes, place: ApiTarget, webhook: Webhook): Promise<WebhookState> {
  const reported = stateOf(webhook);
  if (reported.events !== null) return reported;
  return { ...reported, events: await eventsOnRecord(changes, { ...place, webhookId: webhook.id }) };
}

/**
 * The events of a webhook that was created here, from the journal. Null for any other one, because its owner may have
 * changed its events since.
 */
export async function eventsOnRecord(
  changes: Changes,
  { environment, baseUrl, webhookId }: ApiTarget & { readonly webhookId: string },
): Promise<string[] | null> {
  const records = await changes.list(MAX_RECORDS, { environment, baseUrl, webhookId });
  if (records.every(({ before }) => before !== null)) return null;
  for (const change of records) {
    if (isInDoubt(change)) return null;
    const events = leftBy(change)?.events;
    if (events != null) return events;
  }
  return null;
}

/** How many of a webhook's newest changes are searched. */
const MAX_RECORDS = 10_000;

/** Whether the result of a change is unknown: it was changed elsewhere, or the request may not have been sent. */
function isInDoubt({ state, outcome, before, after }: WebhookChange): boolean {
  if (outcome === "not-ours") return true;
  return state === "planned" && before !== null && "events" in differences(before, after);
}

function leftBy({ outcome, before, after }: WebhookChange): WebhookState | null {
  return outcome === "restored" || outcome === "untouched" ? before : after;
}
