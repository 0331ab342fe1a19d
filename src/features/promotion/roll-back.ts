import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { commandLine, shellWord } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookChange, WebhookState } from "../../store/store.ts";
import { showCommand } from "../webhooks/find-webhook.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";
import { differences, mismatches, stateOf } from "../webhooks/webhook-state.ts";

export interface Rollback {
  readonly change: WebhookChange;
  readonly webhookId: string;
  readonly before: WebhookState;
  readonly after: WebhookState;
}

/**
 * The promotion that a rollback would undo. Throws `nothing_to_roll_back` if there is none, and `webhook_changed` if
 * the webhook was changed since: this program must not undo other changes.
 */
export async function planRollback(
  journal: WebhookJournal,
  /** Undefined: any. */
  wanted: string | undefined,
): Promise<Rollback> {
  const { place } = journal;
  const { environment, baseUrl } = place;
  const changes = (await journal.changes.list(MAX_RECORDS, { environment, baseUrl, webhookId: wanted })).filter(
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
      `it is not known yet whether the last ${newest.kind === "promote" ? "promotion" : "rollback"} took effect`,
      {
        hint: `Check again with: ${commandLine("restore", place)}`,
      },
    );
  }
  if (last?.webhookId == null || last.kind === "rollback" || last.outcome === "rolled-back") {
    throw new AppError("nothing_to_roll_back", "no promotion made from this machine can be rolled back", {
      hint: `Set the webhook yourself with: ${commandLine(`webhooks update ${shellWord(wanted ?? "ID")} --url URL`, place)}`,
    });
  }
  const { webhookId } = last;
  const now = stateOf(await journal.get(webhookId));
  const problem = changedSince(last, now);
  if (problem !== undefined) {
    const sessions = await journal.sessions(webhookId);
    const isHeld = sessions.some(({ after }) => isSameUrl(after.url, now.url));
    throw new AppError("webhook_changed", problem, {
      hint: isHeld
        ? "Stop the listen session that uses it, then roll back."
        : `Show it with: ${showCommand(webhookId, place)}`,
    });
  }
  return { change: last, webhookId, before: now, after: { ...now, ...undoing(last) } };
}

/** How many of the newest changes are searched for the last promotion. */
const MAX_RECORDS = 10_000;

/** A webhook that did not exist before is deactivated: deleting it would lose its secret permanently. */
function undoing({ before, after }: WebhookChange): Partial<WebhookState> {
  return before === null ? { status: "INACTIVE" } : differences(after, before);
}

function changedSince({ webhookId, after }: WebhookChange, now: WebhookState): string | undefined {
  const changed = mismatches(now, after);
  return changed.length === 0 ? undefined : `${webhookId} was changed since it was promoted: ${changed.join(", ")}`;
}

/** Restores the state before the promotion. */
export async function rollBack(journal: WebhookJournal, { change, webhookId }: Rollback): Promise<Webhook> {
  const webhook = await journal.changePermanently({
    kind: "rollback",
    webhookId,
    set: undoing(change),
    validate: (now) => changedSince(change, now),
  });
  await journal.changes.update(change.id, { outcome: "rolled-back" });
  return webhook;
}
