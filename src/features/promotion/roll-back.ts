import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { commandLine, type Place } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { shellWord } from "../../core/shell-word.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { Store, WebhookChange, WebhookState } from "../../store/store.ts";
import { sessionsHolding } from "../webhooks/takeover.ts";
import { changeWebhook, findWebhook, showCommand, webhookNotFound, type JournalDeps } from "../webhooks/journal.ts";
import { differences, mismatches, stateOf } from "../webhooks/webhook-state.ts";

export interface Rollback {
  readonly change: WebhookChange;
  readonly webhookId: string;
  readonly before: WebhookState;
  readonly after: WebhookState;
}

/**
 * The promotion that a rollback would undo. Throws `nothing_to_roll_back` when there is none, and `webhook_changed` when
 * somebody has changed the webhook since: what they did is not ours to undo.
 */
export async function planRollback(
  api: Pick<BluumClient, "listWebhooks">,
  store: Pick<Store, "changes">,
  place: Place & { readonly webhookId: string | undefined },
): Promise<Rollback> {
  const { environment, baseUrl, webhookId: wanted } = place;
  const changes = (await store.changes.list(RECORDS_SEARCHED, { environment, baseUrl, webhookId: wanted })).filter(
    ({ kind }) => kind === "promote" || kind === "rollback",
  );
  // The API may have carried out an earlier one after a later one.
  const last = changes
    .filter(({ outcome }) => outcome === "took-effect" || outcome === "rolled-back")
    .toSorted((one, other) => other.updatedAt - one.updatedAt)[0];
  const [newest] = changes;
  if (newest?.state === "planned" && newest.unanswered > 0) {
    throw new AppError(
      "change_unproven",
      `whether the last ${newest.kind === "promote" ? "promotion" : "rollback"} took effect is not known yet`,
      {
        hint: `Look again with: ${commandLine("restore", place)}`,
      },
    );
  }
  if (last?.webhookId == null || last.kind === "rollback" || last.outcome === "rolled-back") {
    throw new AppError("nothing_to_roll_back", "no promotion made from this machine can be rolled back", {
      hint: `Set the webhook yourself with: ${commandLine(`webhooks update ${shellWord(wanted ?? "ID")} --url URL`, place)}`,
    });
  }
  const { webhookId } = last;
  const current = await findWebhook(api, webhookId);
  if (current === undefined) throw webhookNotFound(webhookId, place);
  const now = stateOf(current);
  const objection = changedSince(last, now);
  if (objection !== undefined) {
    const sessions = await sessionsHolding(store, { environment, baseUrl, webhookId });
    const isHeld = sessions.some(({ after }) => isSameUrl(after.url, now.url));
    throw new AppError("webhook_changed", objection, {
      hint: isHeld
        ? "A listen session has it now: stop that session, then roll back."
        : `Look at it with: ${showCommand(webhookId, place)}`,
    });
  }
  return { change: last, webhookId, before: now, after: { ...now, ...undoing(last) } };
}

/** How many of the newest changes are looked through for the last promotion. */
const RECORDS_SEARCHED = 10_000;

/** A webhook that did not exist before is put to sleep: deleting it would lose its secret for good. */
function undoing({ before, after }: WebhookChange): Partial<WebhookState> {
  return before === null ? { status: "INACTIVE" } : differences(after, before);
}

function changedSince({ webhookId, after }: WebhookChange, now: WebhookState): string | undefined {
  const changed = mismatches(now, after);
  return changed.length === 0 ? undefined : `${webhookId} was changed since it was promoted: ${changed.join(", ")}`;
}

/** Puts back what stood before the promotion. */
export async function rollBack(deps: JournalDeps, { change, webhookId }: Rollback): Promise<Webhook> {
  const { change: undone, webhook } = await changeWebhook(deps, {
    kind: "rollback",
    webhookId,
    set: undoing(change),
    onExit: "keep",
    objection: (now) => changedSince(change, now),
  });
  await deps.store.changes.update(undone.id, { state: "settled", outcome: "took-effect" });
  await deps.store.changes.update(change.id, { outcome: "rolled-back" });
  return webhook;
}
