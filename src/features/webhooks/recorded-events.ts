import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { differences, stateOf } from "./webhook-state.ts";

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

/**
 * Whether the result of a change is unknown: the webhook was also changed by others, or the request may not have been
 * sent.
 */
function isInDoubt({ state, outcome, before, after }: WebhookChange): boolean {
  if (outcome === "not-ours") return true;
  return state === "planned" && before !== null && "events" in differences(before, after);
}

function leftBy({ outcome, before, after }: WebhookChange): WebhookState | null {
  return outcome === "restored" || outcome === "untouched" ? before : after;
}
