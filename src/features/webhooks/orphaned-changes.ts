import type { ApiTarget } from "../../core/command-line.ts";
import type { Warning } from "../../core/errors.ts";
import { localTime } from "../../core/local-time.ts";
import type { StoreReader, WebhookChange } from "../../store/store.ts";
import { mayLandUntil } from "./ledger.ts";
import { creationLock, sessionLock } from "./webhook-locks.ts";
import { restoreCommand, unansweredMessage } from "./recovery-messages.ts";

/** The changes at a target that a dead process left unsettled, without those of running sessions. */
async function orphanedChanges(
  store: Pick<StoreReader, "changes" | "holderOf">,
  place: ApiTarget,
): Promise<WebhookChange[]> {
  const { environment, baseUrl } = place;
  const orphaned: WebhookChange[] = [];
  for (const change of await store.changes.pending({ environment, baseUrl })) {
    const { webhookId, after } = change;
    const lock = webhookId === null ? creationLock(baseUrl, after.url) : sessionLock(baseUrl, webhookId);
    if ((await store.holderOf(lock)) === undefined) orphaned.push(change);
  }
  return orphaned;
}

/** The warnings of a command that changes nothing: the state that it shows is temporary. */
export async function warningsOfPending(
  store: Pick<StoreReader, "changes" | "holderOf">,
  place: ApiTarget,
  { now, webhookId }: { readonly now: number; readonly webhookId?: string | undefined },
): Promise<Warning[]> {
  const orphaned = (await orphanedChanges(store, place)).filter(
    (change) => (webhookId ?? change.webhookId) === change.webhookId,
  );
  return orphaned.map((change) => {
    const until = change.state === "planned" ? mayLandUntil(change, now) : null;
    if (until !== null) return unansweredMessage(change, until);
    const { webhookId: id, createdAt, before, after } = change;
    return {
      code: "restore_pending",
      message:
        `${id ?? "a webhook that was being created"} was left changed by a process that ended without cleaning up ` +
        `(${localTime(createdAt)}): set to ${after.url}, ` +
        (before === null ? "it did not exist before" : `it delivered to ${before.url} before`),
      hint: `Finish it with: ${restoreCommand(place)}`,
    };
  });
}
