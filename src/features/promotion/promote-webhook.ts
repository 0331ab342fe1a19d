import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookState } from "../../store/store.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";
import { stateWithoutSessions } from "../webhooks/takeover.ts";
import { differences, stateOf } from "../webhooks/webhook-state.ts";

export const PROMOTED_DESCRIPTION = "Production webhook";

export interface Promotion {
  readonly webhookId: string;
  readonly url: string;
  /** Undefined keeps the webhook's own, as with name and events. */
  readonly description: string | undefined;
  readonly name?: string | undefined;
  readonly events: readonly string[] | undefined;
}

export interface PlannedChange {
  readonly webhook: Webhook;
  readonly before: WebhookState;
  readonly after: WebhookState;
  readonly isChange: boolean;
  /** Whether it takes the webhook over from a listen session, with the same data folder or another. */
  readonly isHeld: boolean;
}

/** The changes of a promotion, without carrying them out. */
export async function planChange(journal: WebhookJournal, promotion: Promotion): Promise<PlannedChange> {
  const webhook = await journal.get(promotion.webhookId);
  const sessions = await journal.sessions(promotion.webhookId);
  const before = stateOf(webhook);
  const isOurs = sessions.some(({ after: { url } }) => isSameUrl(url, webhook.url));
  const isPromoted = isSameUrl(webhook.url, promotion.url);
  const peer = isOurs || isPromoted ? undefined : await journal.askPeer(webhook, journal.signal);
  const underneath = peer?.restoresTo ?? stateWithoutSessions(before, sessions) ?? before;
  const after = { ...underneath, ...wantedState(promotion) };
  const isChange = Object.keys(differences(before, after)).length > 0;
  return { webhook, before, after, isChange, isHeld: isOurs || peer !== undefined };
}

/** Sends the PATCH, reads the webhook again, and records the change for a rollback. */
export function promote(journal: WebhookJournal, promotion: Promotion): Promise<Webhook> {
  return journal.changePermanently({
    kind: "promote",
    isTakeover: true,
    webhookId: promotion.webhookId,
    set: wantedState(promotion),
  });
}

function wantedState(promotion: Promotion): Partial<WebhookState> {
  return {
    url: promotion.url,
    status: "ACTIVE",
    ...(promotion.description === undefined ? {} : { description: promotion.description }),
    ...(promotion.name === undefined ? {} : { name: promotion.name }),
    ...(promotion.events === undefined ? {} : { events: [...promotion.events] }),
  };
}
