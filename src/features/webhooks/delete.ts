import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { WebhookAccess } from "./access.ts";
import { stateOf } from "./webhook-state.ts";
import { AppError } from "../../core/errors.ts";
import { sessionLock } from "./webhook-locks.ts";

/**
 * Deletes a webhook, unless the check under its locks refuses. An unanswered deletion stays unsettled in the journal,
 * because the API may still carry it out.
 */
export async function deleteWebhook(
  access: WebhookAccess,
  webhook: Webhook,
  isMeant: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  await access.proveStorable();
  const { id: webhookId } = webhook;
  await using _session = await access.lockSession(webhookId);
  await using _turn = await access.lockWrite(webhookId);
  if (!(await isMeant())) return false;
  const before = stateOf(webhook);
  const change = await access.plan({ kind: "delete", webhookId, before, after: before, onExit: "keep" });
  const ledger = access.ledger(change);
  try {
    await access.api.deleteWebhook(webhookId, ledger);
  } catch (error) {
    if (ledger.requests.unanswered > 0) access.warnIfUnanswered({ ...change, ...ledger.requests });
    else await access.changes.update(change.id, { state: "settled", outcome: "untouched" });
    throw error;
  }
  await access.changes.update(change.id, { state: "settled", outcome: "deleted", unanswered: 0 });
  await access.forget(webhookId);
  return true;
}

/** An inactive webhook of this machine that is not deleted. */
export interface Kept {
  readonly webhook: Webhook;
  readonly reason: string;
}

interface Pruning {
  readonly deleted: readonly Webhook[];
  readonly kept: readonly Kept[];
}

/** The effect of pruning on the inactive webhooks that this machine has created. All others are left unchanged. */
export async function planPruning(access: WebhookAccess): Promise<Pruning> {
  const { environment, baseUrl } = access.place;
  const profile = access.config.profile(environment);
  const open = await access.pending();
  const [deleted, kept]: [Webhook[], Kept[]] = [[], []];
  for (const webhook of await access.api.listWebhooks()) {
    const { id } = webhook;
    const known = Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
    if (!isInactive(webhook) || known?.createdByUs !== true || known.baseUrl !== baseUrl) continue;
    const session = await access.holderOf(sessionLock(baseUrl, id));
    const keep = (reason: string) => kept.push({ webhook, reason });
    if (session !== undefined) keep(`process ${session.pid} uses it`);
    else if (open.some(({ webhookId }) => webhookId === id)) keep("a change of it is pending");
    else if (id === profile.webhookId) keep("the next listen uses it again");
    else deleted.push(webhook);
  }
  return { deleted, kept };
}

/**
 * Deletes the planned webhooks, unless they have been used since. Each deletion is reported at once: a failure ends
 * the pruning, but the earlier deletions are done.
 */
export async function prune(
  access: WebhookAccess,
  planned: readonly Webhook[],
  report: { readonly deleted: (webhook: Webhook) => void; readonly kept: (kept: Kept) => void },
): Promise<void> {
  for (const webhook of planned) {
    let reason = "it no longer exists";
    const isUnused = async () => {
      const now = await access.find(webhook.id);
      if (now !== undefined) reason = "it has been activated meanwhile";
      return now !== undefined && isInactive(now);
    };
    try {
      if (await deleteWebhook(access, webhook, isUnused)) report.deleted(webhook);
      else report.kept({ webhook, reason });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "webhook_held") throw error;
      report.kept({ webhook, reason: error.message });
    }
  }
}

function isInactive({ status }: Webhook): boolean {
  return status.toUpperCase() === "INACTIVE";
}
