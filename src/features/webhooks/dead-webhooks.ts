import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Config } from "../../config/config-file.ts";
import { AppError } from "../../core/errors.ts";
import type { Store } from "../../store/store.ts";
import { deleteWebhook } from "./delete.ts";
import { findWebhook } from "./journal.ts";
import { sessionLock } from "./webhook-locks.ts";
import type { SettleDeps } from "./settle.ts";

interface PruneDeps extends SettleDeps {
  readonly store: Store;
}

/** An inactive webhook of this machine that is not deleted. */
export interface Kept {
  readonly webhook: Webhook;
  readonly reason: string;
}

export interface Pruning {
  readonly deleted: readonly Webhook[];
  readonly kept: readonly Kept[];
}

/** What pruning would do to the inactive webhooks that this machine has created. All others are none of its business. */
export async function planPruning(deps: PruneDeps, config: Pick<Config, "profile">): Promise<Pruning> {
  const { environment, baseUrl, store } = deps;
  const profile = config.profile(environment);
  const open = await store.changes.pending({ environment, baseUrl });
  const [deleted, kept]: [Webhook[], Kept[]] = [[], []];
  for (const webhook of await deps.api.listWebhooks()) {
    const { id } = webhook;
    const known = Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
    if (!isInactive(webhook) || known?.createdByUs !== true || known.baseUrl !== baseUrl) continue;
    const session = await store.holderOf(sessionLock(baseUrl, id));
    const keep = (reason: string) => kept.push({ webhook, reason });
    if (session !== undefined) keep(`process ${session.pid} uses it`);
    else if (open.some(({ webhookId }) => webhookId === id)) keep("a change of it is still open");
    else if (id === profile.webhookId) keep("the next listen uses it again");
    else deleted.push(webhook);
  }
  return { deleted, kept };
}

/**
 * Deletes what was planned, unless it has been used since. Each deletion is reported at once: one that fails ends the
 * pruning, and those before it have happened.
 */
export async function prune(
  deps: PruneDeps,
  planned: readonly Webhook[],
  report: { readonly deleted: (webhook: Webhook) => void; readonly kept: (kept: Kept) => void },
): Promise<void> {
  for (const webhook of planned) {
    let reason = "it no longer exists";
    const isUnused = async () => {
      const now = await findWebhook(deps.api, webhook.id);
      if (now !== undefined) reason = "it has been activated meanwhile";
      return now !== undefined && isInactive(now);
    };
    try {
      if (await deleteWebhook(deps, webhook, isUnused)) report.deleted(webhook);
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
