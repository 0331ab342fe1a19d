import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { WebhookAccess } from "./access.ts";
import { stateOf } from "./webhook-state.ts";

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
