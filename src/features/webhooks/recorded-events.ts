import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { differences, stateOf } from "./webhook-state.ts";

type Changes = Pick<Store["changes"], "list">;

/** A webhook as the API returns it; events that it does not return are those on record. */
export async function knownState(changes: Changes, place: ApiTarget, webhook: Webhook): Promise<WebhookState> {
  const reported = stateOf(webhook);
  if (reported.events !== null) return reported;
  return { ...reported, events: await eventsOnRecord(changes, { ...place, webhookId: webhook.id }) };
}

/**
 * The events of a webhook that was created here, as the journal has them. Null for any other one: the one who created it may have
 * changed its events since without a trace.
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

/** How many of a webhook's newest changes are looked through. */
const MAX_RECORDS = 10_000;

/** Whether it is unknown what a change has left: somebody else changed the webhook in between, or it may not have been sent. */
function isInDoubt({ state, outcome, before, after }: WebhookChange): boolean {
  if (outcome === "not-ours") return true;
  return state === "planned" && before !== null && "events" in differences(before, after);
}

function leftBy({ outcome, before, after }: WebhookChange): WebhookState | null {
  return outcome === "restored" || outcome === "untouched" ? before : after;
}
