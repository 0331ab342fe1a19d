import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Place } from "../../core/command-line.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { Store, WebhookState } from "../../store/store.ts";
import { beneathSessions, sessionsHolding } from "../webhooks/takeover.ts";
import { changeWebhook, findWebhook, webhookNotFound, type JournalDeps } from "../webhooks/journal.ts";
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

export interface PromotionPlan {
  readonly webhook: Webhook;
  readonly before: WebhookState;
  readonly after: WebhookState;
  readonly isChange: boolean;
  /** Whether it takes the webhook from a listen session, of this home or of another. */
  readonly isHeld: boolean;
}

/** What a promotion would change, without changing it. */
export async function planPromotion(
  deps: {
    readonly api: Pick<BluumClient, "listWebhooks">;
    readonly store: Pick<Store, "changes">;
  } & Place &
    Pick<JournalDeps, "askPeer">,
  promotion: Promotion,
): Promise<PromotionPlan> {
  const webhook = await findWebhook(deps.api, promotion.webhookId);
  if (webhook === undefined) throw webhookNotFound(promotion.webhookId, deps);
  const sessions = await sessionsHolding(deps.store, { ...deps, webhookId: promotion.webhookId });
  const before = stateOf(webhook);
  const isOurs = sessions.some(({ after: { url } }) => isSameUrl(url, webhook.url));
  const isThere = isSameUrl(webhook.url, promotion.url);
  const peer = isOurs || isThere ? undefined : await deps.askPeer?.(webhook);
  const beneath = peer?.restoresTo ?? beneathSessions(before, sessions) ?? before;
  const after = { ...beneath, ...wantedState(promotion) };
  const isChange = Object.keys(differences(before, after)).length > 0;
  return { webhook, before, after, isChange, isHeld: isOurs || peer !== undefined };
}

/** PATCHes, reads back, and leaves a record from which the promotion can be rolled back. */
export async function promote(deps: JournalDeps, promotion: Promotion): Promise<Webhook> {
  const { change, webhook } = await changeWebhook(deps, {
    kind: "promote",
    takesOver: true,
    webhookId: promotion.webhookId,
    set: wantedState(promotion),
    onExit: "keep",
  });
  await deps.store.changes.update(change.id, { state: "settled", outcome: "took-effect" });
  return webhook;
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
