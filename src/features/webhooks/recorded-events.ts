import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { differences, stateOf } from "./webhook-state.ts";

interface Place {
  readonly environment: string;
  readonly baseUrl: string;
}

/** A webhook as the API tells of it; events that it does not tell are those on record. */
export async function knownState(
  { store, environment, baseUrl }: Place & { readonly store: Pick<Store, "changes"> },
  webhook: Webhook,
): Promise<WebhookState> {
  const told = stateOf(webhook);
  if (told.events !== null) return told;
  return { ...told, events: await eventsOnRecord(store, { environment, baseUrl, webhookId: webhook.id }) };
}

/**
 * The events of a webhook that was created here, as the journal has them. Null for any other one: whoever made it may have
 * changed its events since, and nobody would see.
 */
export async function eventsOnRecord(
  store: Pick<Store, "changes">,
  { environment, baseUrl, webhookId }: Place & { readonly webhookId: string },
): Promise<string[] | null> {
  const changes = await store.changes.list(RECORDS_SEARCHED, { environment, baseUrl, webhookId });
  if (changes.every(({ before }) => before !== null)) return null;
  for (const change of changes) {
    if (isInDoubt(change)) return null;
    const events = leftBy(change)?.events;
    if (events != null) return events;
  }
  return null;
}

/** How many of a webhook's newest changes are looked through. */
const RECORDS_SEARCHED = 10_000;

/** Whether nobody knows what a change has left: somebody else's hand was in between, or it may not have gone out. */
function isInDoubt({ state, outcome, before, after }: WebhookChange): boolean {
  if (outcome === "not-ours") return true;
  return state === "planned" && before !== null && "events" in differences(before, after);
}

function leftBy({ outcome, before, after }: WebhookChange): WebhookState | null {
  return outcome === "restored" || outcome === "untouched" ? before : after;
}
