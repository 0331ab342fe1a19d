import type { BluumClient } from "../bluum/client.ts";
import type { Webhook } from "../bluum/wire/webhook.ts";
import { AppError } from "../core/errors.ts";
import { isLoopbackHost, tunnelDomainOf } from "../core/hosts.ts";
import type { Store, WebhookChange, WebhookState } from "../store/store.ts";
import { changeWebhook, findWebhook, webhookNotFound, type JournalDeps } from "./journal.ts";
import { differences, stateOf } from "./webhook-state.ts";

export const PROMOTED_DESCRIPTION = "Production webhook";

/** Throws `invalid_url` unless the URL can be a production endpoint: HTTPS, not this machine, not a tunnel. */
export function checkProductionUrl(text: string): URL {
  const refuse = (why: string, hint: string) => new AppError("invalid_url", `${text} cannot go live: ${why}`, { hint });
  if (!URL.canParse(text)) throw refuse("it is not a URL", "Give the whole URL: https://app.example/webhooks/bluum");
  const url = new URL(text);
  if (url.protocol !== "https:") throw refuse("Bluum delivers to HTTPS only", "Use the https:// URL of your app.");
  if (url.username !== "" || url.password !== "") {
    throw refuse("it holds credentials", "Authenticate deliveries by their signature instead.");
  }
  if (isLoopbackHost(url.hostname)) throw refuse("it is this machine", "Use the public URL of your deployed app.");
  const tunnel = tunnelDomainOf(url.hostname);
  if (tunnel !== undefined) {
    throw refuse(`${tunnel} is a tunnel to somebody's machine`, "Use the public URL of your deployed app.");
  }
  return url;
}

export interface Promotion {
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  /** Undefined keeps the webhook's own. */
  readonly events: readonly string[] | undefined;
}

export interface PromotionPlan {
  readonly webhook: Webhook;
  readonly before: WebhookState;
  readonly after: WebhookState;
  readonly isChange: boolean;
}

/** What a promotion would change, without changing it. */
export async function planPromotion(
  api: Pick<BluumClient, "listWebhooks">,
  promotion: Promotion,
): Promise<PromotionPlan> {
  const webhook = await findWebhook(api, promotion.webhookId);
  if (webhook === undefined) throw webhookNotFound(promotion.webhookId);
  const before = stateOf(webhook);
  const after = { ...before, ...wantedState(promotion) };
  return { webhook, before, after, isChange: Object.keys(differences(before, after)).length > 0 };
}

/** PATCHes, reads back, and leaves a record from which the promotion can be rolled back. */
export async function promote(deps: JournalDeps, promotion: Promotion): Promise<Webhook> {
  // A session that holds the webhook has a tunnel in its place, which is nothing to roll back to.
  const { environment, baseUrl } = deps;
  const pending = await deps.store.changes.pending({ environment, baseUrl, webhookId: promotion.webhookId });
  const sessions = pending.filter(({ kind, before }) => kind === "session" && before !== null);
  const { change, webhook } = await changeWebhook(deps, {
    kind: "promote",
    replacing: sessions,
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
    description: promotion.description,
    status: "ACTIVE",
    ...(promotion.events === undefined ? {} : { events: [...promotion.events] }),
  };
}

export interface Rollback {
  readonly change: WebhookChange & { webhookId: string; before: WebhookState };
}

/**
 * The promotion that a rollback would undo. Throws `nothing_to_roll_back` when there is none, and `webhook_changed` when
 * somebody has changed the webhook since: what they did is not ours to undo.
 */
export async function planRollback(
  api: Pick<BluumClient, "listWebhooks">,
  store: Pick<Store, "changes">,
  place: { readonly environment: string; readonly baseUrl: string; readonly webhookId: string | undefined },
): Promise<Rollback> {
  const { environment, baseUrl, webhookId } = place;
  const promoted = (await store.changes.list(RECORDS_SEARCHED)).find(
    (change) =>
      change.kind === "promote" &&
      change.environment === environment &&
      change.baseUrl === baseUrl &&
      (webhookId === undefined || change.webhookId === webhookId) &&
      (change.outcome === "took-effect" || change.outcome === "rolled-back"),
  );
  if (promoted?.webhookId == null || promoted.before === null || promoted.outcome !== "took-effect") {
    throw new AppError("nothing_to_roll_back", "no promotion made from this machine can be rolled back", {
      hint: "Set the webhook yourself with: bluum-hooks webhooks update ID --url URL",
    });
  }
  const current = await findWebhook(api, promoted.webhookId);
  if (current === undefined) throw webhookNotFound(promoted.webhookId);
  const objection = changedSince(promoted, stateOf(current));
  if (objection !== undefined) {
    throw new AppError("webhook_changed", objection, {
      hint: "Look at it with: bluum-hooks webhooks show " + promoted.webhookId,
    });
  }
  return { change: { ...promoted, webhookId: promoted.webhookId, before: promoted.before } };
}

/** How many of the newest changes are looked through for the last promotion. */
const RECORDS_SEARCHED = 10_000;

function changedSince({ webhookId, after }: WebhookChange, now: WebhookState): string | undefined {
  const changed = Object.keys(differences(after, now));
  return changed.length === 0 ? undefined : `${webhookId} was changed since it was promoted: ${changed.join(", ")}`;
}

/** Puts back what stood before the promotion. */
export async function rollBack(deps: JournalDeps, { change }: Rollback): Promise<Webhook> {
  const { change: undone, webhook } = await changeWebhook(deps, {
    kind: "rollback",
    webhookId: change.webhookId,
    set: change.before,
    onExit: "keep",
    objection: (now) => changedSince(change, now),
  });
  await deps.store.changes.update(undone.id, { state: "settled", outcome: "took-effect" });
  await deps.store.changes.update(change.id, { outcome: "rolled-back" });
  return webhook;
}
