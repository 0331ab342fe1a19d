import { commandLine, type Place } from "../../core/command-line.ts";
import { shellWord } from "../../core/shell-word.ts";
import type { WebhookChange } from "../../store/store.ts";
import type { Outcome } from "./settle.ts";

/** What a person is told of a change that a killed process had left open, and of how it was ended now. */
export function recoveryWords(
  change: WebhookChange,
  webhookId: string | null,
  outcome: Outcome,
  configPath: string,
): { readonly message: string; readonly hint?: string } {
  const { kind, before, after } = change;
  const when = new Date(change.createdAt).toISOString();
  if (kind === "session") return { message: `an earlier session ended without cleaning up (${when}): ${outcome}` };
  const isNew = before === null;
  const cutOff = `${NAMES[kind]} was cut off (${when})`;
  const isCreation = isNew && change.webhookId === null;
  switch (outcome) {
    case "deleted":
      return {
        message: `${cutOff} before the secret of the webhook that it had created was here; ${webhookId}, of no use without it, is deleted`,
        hint: `If it is still wanted: ${commandLine(`${kind} ${shellWord(after.url)}`, change)}`,
      };
    case "took-effect":
      return {
        message: `${cutOff}, but took effect: ${webhookId} ${after.status === "ACTIVE" ? `delivers to ${after.url}` : "is inactive"}`,
        hint: [
          ...(isNew ? [`Its secret is in ${configPath}.`] : []),
          kind === "promote" ? `Undo with: ${commandLine("promote --rollback", change)}` : "Nothing is left to do.",
        ].join(" "),
      };
    case "gone":
      return { message: `${cutOff}, and ${webhookId} no longer exists` };
    case "not-seen":
    case "untouched":
    case "restored":
    case "deactivated":
    case "kept":
    case "not-ours":
    case "handed-over":
      return {
        message: `${cutOff} before it took effect: ${isCreation ? "no webhook was created" : `${webhookId} is as it was`}`,
      };
    default:
      return outcome satisfies never;
  }
}

const NAMES = {
  register: "a change of a webhook",
  promote: "a promotion",
  rollback: "a rollback",
} as const;

/** The command that finishes what was left open at a place. */
export function restoreCommand(place: Place): string {
  return commandLine("restore", place);
}

/** The command that does by hand what could not be put back. */
export function byHandCommand(change: WebhookChange): string {
  const { webhookId, before } = change;
  return commandLine(
    `webhooks update ${shellWord(webhookId ?? "ID")} --url ${shellWord(before?.url ?? "URL")}`,
    change,
  );
}
