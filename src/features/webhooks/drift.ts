import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { WebhookChange } from "../../store/store.ts";
import { isSameUrl } from "../../core/urls.ts";
import { mismatches, stateOf } from "./webhook-state.ts";

/** How a session's webhook differs from the state that the session has set. */
export interface Drift {
  /** A clause: `wh_1 now delivers to https://app.example/hooks`. */
  readonly what: string;
  /** Whether the session receives no events any more. */
  readonly isLoss: boolean;
  readonly hint: string;
}

const RESTART = "Start listen again to register it again, or use a new webhook with --new.";

/**
 * Undefined: the session receives the registered events. `webhook`: the API's current state; undefined if it is not
 * listed.
 */
export function driftOf(
  { webhookId, environment, after }: Pick<WebhookChange, "webhookId" | "environment" | "after">,
  webhook: Webhook | undefined,
): Drift | undefined {
  const id = webhookId ?? "the webhook";
  if (webhook === undefined) {
    return {
      what: `${id} no longer exists`,
      isLoss: true,
      hint:
        environment === "emulator"
          ? "Start listen again: an emulator loses its webhooks when it is restarted."
          : "Start listen again to create or choose another one.",
    };
  }
  if (!isSameUrl(webhook.url, after.url)) {
    return { what: `${id} now delivers to ${webhook.url}`, isLoss: true, hint: RESTART };
  }
  if (webhook.status.toUpperCase() !== after.status) {
    return { what: `${id} is now ${webhook.status.toLowerCase()}`, isLoss: true, hint: RESTART };
  }
  if (mismatches(stateOf(webhook), after).includes("events")) {
    const events = webhook.events?.join(", ") ?? "";
    return { what: `the events of ${id} are now ${events}`, isLoss: false, hint: RESTART };
  }
  return undefined;
}
