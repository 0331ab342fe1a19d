import { commandLine, type ApiTarget, shellWord } from "../../core/command-line.ts";
import type { Warning } from "../../core/errors.ts";
import { localTime } from "../../core/local-time.ts";
import type { WebhookChange } from "../../store/store.ts";

/**
 * The result of settling a change. `untouched`: it never reached the API. `not-ours`: the URL was changed by others,
 * so the webhook was left unchanged. `handed-over`: a promotion has taken the webhook over. `gone`: the webhook no
 * longer exists. `took-effect`: a permanent change did reach the API. `unproven`: the API does not return whether it
 * did. `in-use`: a session with another data folder has the webhook, and will leave it in the state of this change.
 * `not-seen`: an unanswered request has had no effect yet; the API may still carry it out.
 */
export type Outcome =
  | "restored"
  | "deactivated"
  | "deleted"
  | "kept"
  | "untouched"
  | "not-ours"
  | "in-use"
  | "handed-over"
  | "gone"
  | "took-effect"
  | "unproven"
  | "not-seen";

/** How a change that a killed process had left unsettled was settled now. */
export function recoveryMessage(
  change: WebhookChange,
  webhookId: string | null,
  outcome: Outcome,
  configPath: string,
): Pick<Warning, "message" | "hint"> {
  const { kind, before, after } = change;
  const when = localTime(change.createdAt);
  if (kind === "session") {
    const what = change.unanswered > 0 ? "left a change without an answer" : "ended without cleaning up";
    return { message: `an earlier session ${what} (${when}): ${outcome}` };
  }
  const isNew = before === null;
  const cutOff = `${NAMES[kind]} was interrupted (${when})`;
  const isCreation = isNew && change.webhookId === null;
  switch (outcome) {
    case "deleted":
      if (kind === "delete") return { message: `${cutOff}, but took effect: ${webhookId} no longer exists` };
      return {
        message: `${cutOff} before the secret of the new webhook was received; ${webhookId} was deleted, because it is useless without its secret`,
        hint: `Repeat it with: ${commandLine(`${kind} ${shellWord(after.url)}`, change)}`,
      };
    case "took-effect":
      return {
        message: `${cutOff}, but took effect: ${webhookId} ${after.status === "ACTIVE" ? `delivers to ${after.url}` : "is inactive"}`,
        hint: [
          ...(isNew ? [`Its secret is in ${configPath}.`] : []),
          kind === "promote" ? `Undo with: ${commandLine("promote --rollback", change)}` : "Nothing is left to do.",
        ].join(" "),
      };
    case "unproven":
      return {
        message: `${cutOff}, and the API does not return whether it took effect`,
        hint: `Repeat it, or show the webhook with: ${commandLine(`webhooks show ${shellWord(webhookId ?? "ID")}`, change)}`,
      };
    case "gone":
      return { message: `${cutOff}, and ${webhookId} no longer exists` };
    case "not-seen":
    case "untouched":
    case "restored":
    case "deactivated":
    case "kept":
    case "not-ours":
    case "in-use":
    case "handed-over":
      return {
        message: `${cutOff} before it took effect: ${isCreation ? "no webhook was created" : `${webhookId} is unchanged`}`,
      };
    default:
      return outcome satisfies never;
  }
}

const NAMES = {
  register: "a change of a webhook",
  promote: "a promotion",
  rollback: "a rollback",
  delete: "the deletion of a webhook",
} as const;

/** An unanswered change that the API may carry out until this time (Unix milliseconds). */
export function unansweredMessage(change: WebhookChange, until: number): Warning {
  const { kind, webhookId, after, createdAt } = change;
  const when = localTime(createdAt);
  const latest = localTime(until);
  if (kind === "promote" && webhookId === null) {
    return {
      code: "creation_awaited",
      message: `a promotion was interrupted (${when}), and its webhook has not been created yet`,
      hint: "Promote again. If the lost webhook is created later, the next start deletes it, because its secret is lost.",
    };
  }
  const what =
    webhookId === null
      ? `the creation of a webhook for ${after.url}`
      : kind === "delete"
        ? `the deletion of ${webhookId}`
        : `a change of ${webhookId} to ${after.url}`;
  return {
    code: "change_unproven",
    message: `the API has not answered ${what} (${when}), and may still carry it out until ${latest}`,
    hint: `${kind === "session" ? "Restore the webhook" : "Check the result"} with: ${restoreCommand(change)}. The next start does this too.`,
  };
}

/** Fields that others have changed while a session had the webhook. */
export function leftFieldsMessage(change: WebhookChange, fields: readonly string[]): Warning {
  const id = change.webhookId ?? "ID";
  return {
    code: "webhook_changed",
    message: `${fields.join(" and ")} of ${id} changed during the session and were not restored`,
    hint: `Show the webhook with: ${commandLine(`webhooks show ${shellWord(id)}`, change)}`,
  };
}

/** The command that settles the unsettled changes at a target. */
export function restoreCommand(place: ApiTarget): string {
  return commandLine("restore", place);
}

/** The command with which the user can restore the webhook. */
export function byHandCommand(change: WebhookChange): string {
  const { webhookId, before } = change;
  return commandLine(
    `webhooks update ${shellWord(webhookId ?? "ID")} --url ${shellWord(before?.url ?? "URL")}`,
    change,
  );
}
