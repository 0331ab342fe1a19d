import type { WebhookChange } from "../store/store.ts";
import type { Outcome } from "./settle.ts";

/** What a person is told of a change that a killed process had left open, and of how it was ended now. */
export function recoveryWords(
  change: WebhookChange,
  webhookId: string | null,
  outcome: Outcome,
  configPath: string,
): { readonly message: string; readonly hint?: string } {
  const { kind, environment, before, after } = change;
  const when = new Date(change.createdAt).toISOString();
  const cutOff = `a ${kind === "rollback" ? "rollback" : "promotion"} was cut off (${when})`;
  if (kind === "session" || kind === "register") {
    return { message: `an earlier ${kind} ended without cleaning up (${when}): ${outcome}` };
  }
  const isCreation = before === null && change.webhookId === null;
  switch (outcome) {
    case "deleted":
      return {
        message: `${cutOff} before the secret of the webhook that it had created was here; ${webhookId}, of no use without it, is deleted`,
        hint: `Promote again: bluum-hooks promote ${after.url} --env ${environment}`,
      };
    case "took-effect":
      return {
        message: `${cutOff}, but took effect: ${webhookId} delivers to ${after.url}`,
        hint:
          kind === "rollback"
            ? "Nothing is left to do."
            : before === null
              ? `Its secret is in ${configPath}. Undo with: bluum-hooks promote --rollback --env ${environment}`
              : `Undo with: bluum-hooks promote --rollback --env ${environment}`,
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
