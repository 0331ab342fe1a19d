import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { holdWebhook, sessionLock, takeWriteLock } from "./webhook-locks.ts";
import type { SettleDeps } from "./settle.ts";
import { stateOf } from "./webhook-state.ts";
import { ChangeLedger } from "./ledger.ts";

/**
 * Deletes a webhook, unless what is asked under its locks says no. A deletion that is not answered stays open in the journal:
 * the API may still carry it out.
 */
export async function deleteWebhook(
  deps: SettleDeps,
  webhook: Webhook,
  isMeant: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  await deps.proveStorable();
  const { environment, baseUrl, store, holder } = deps;
  const { id: webhookId } = webhook;
  await using _held = await holdWebhook(store, sessionLock(baseUrl, webhookId), holder);
  await using _turn = await takeWriteLock(store, { baseUrl, webhookId }, holder);
  if (!(await isMeant())) return false;
  const before = stateOf(webhook);
  const change = await store.changes.plan({
    kind: "delete",
    environment,
    baseUrl,
    webhookId,
    before,
    after: before,
    onExit: "keep",
  });
  const ledger = new ChangeLedger(deps, change);
  try {
    await deps.api.deleteWebhook(webhookId, ledger);
  } catch (error) {
    if (ledger.requests.unanswered > 0) deps.onUnproven?.({ ...change, ...ledger.requests });
    else await store.changes.update(change.id, { state: "settled", outcome: "untouched" });
    throw error;
  }
  await store.changes.update(change.id, { state: "settled", outcome: "deleted", unanswered: 0 });
  await deps.forget(webhookId);
  return true;
}
