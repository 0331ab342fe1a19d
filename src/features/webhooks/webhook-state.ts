import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookState } from "../../store/store.ts";

export const STATE_FIELDS = [
  "name",
  "url",
  "events",
  "status",
  "description",
] as const satisfies readonly (keyof WebhookState)[];

/** The part of a webhook that a change can set and a restore can set back. It holds no secret. */
export function stateOf(webhook: Webhook): WebhookState {
  const { name, url, events, status, description } = webhook;
  return { name, url, events: events && [...events], status: status.toUpperCase(), description };
}

/**
 * What is to be set to come from one state to another: the fields that differ, with the values of `after`. Event names count
 * as a set, and URLs as places. Events that `before` does not know are set; those that `after` does not know are left alone.
 */
export function differences(before: WebhookState, after: WebhookState): Partial<WebhookState> {
  const isDifferent = (field: (typeof STATE_FIELDS)[number]) =>
    !(field === "events" && after.events === null) && !same(field, before[field], after[field]);
  return Object.fromEntries(STATE_FIELDS.filter(isDifferent).map((field) => [field, after[field]]));
}

/** The fields in which a webhook provably differs from what is wanted. What the API does not return proves nothing. */
export function mismatches(reported: WebhookState, wanted: WebhookState): string[] {
  return Object.keys(differences(reported, { ...wanted, events: reported.events && wanted.events }));
}

/** Whether the API shows any of these fields: where it does not, nothing proves that they were set. */
export function isVisible(webhook: Webhook, set: Partial<WebhookState>): boolean {
  return Object.keys(set).some((field) => field !== "events" || webhook.events !== null);
}

type Value = WebhookState[keyof WebhookState];

function same(field: keyof WebhookState, one: Value, other: Value): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
  }
  if (field === "url") return isSameUrl(String(one), String(other));
  // An absent description is null in one edition of the API and empty in another.
  return (one ?? "") === (other ?? "");
}
