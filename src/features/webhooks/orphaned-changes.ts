import type { Place } from "../../core/command-line.ts";
import type { WarningCode } from "../../core/warnings.ts";
import { localTime } from "../../core/local-time.ts";
import type { StoreReader, WebhookChange } from "../../store/store.ts";
import { mayLandUntil } from "./ledger.ts";
import { creationLock, sessionLock } from "./webhook-locks.ts";
import { restoreCommand, unansweredWords } from "./recovery-messages.ts";

/** The changes at a place that a process which died has left open. Those of sessions that live are not among them. */
async function leftBehind(store: Pick<StoreReader, "changes" | "holderOf">, place: Place): Promise<WebhookChange[]> {
  const { environment, baseUrl } = place;
  const left: WebhookChange[] = [];
  for (const change of await store.changes.pending({ environment, baseUrl })) {
    const { webhookId, after } = change;
    const lock = webhookId === null ? creationLock(baseUrl, after.url) : sessionLock(baseUrl, webhookId);
    if ((await store.holderOf(lock)) === undefined) left.push(change);
  }
  return left;
}

interface PendingWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly hint: string;
}

/** What a command that changes nothing says of them: what it shows is not what is meant to stand there. */
export async function warningsOfPending(
  store: Pick<StoreReader, "changes" | "holderOf">,
  place: Place,
  { now, webhookId }: { readonly now: number; readonly webhookId?: string | undefined },
): Promise<PendingWarning[]> {
  const left = (await leftBehind(store, place)).filter(
    (change) => (webhookId ?? change.webhookId) === change.webhookId,
  );
  return left.map((change) => {
    const until = change.state === "planned" ? mayLandUntil(change, now) : null;
    if (until !== null) return unansweredWords(change, until);
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
