import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { WebhookChange, StoreReader } from "../../store/store.ts";
import { isSameUrl } from "../../core/urls.ts";
import { mismatches, stateOf } from "./webhook-state.ts";
import type { BluumClient } from "../../bluum/client.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import { sessionLock } from "./webhook-locks.ts";

/** How a session's webhook differs from the state that the session has set. */
interface Drift {
  /** A clause: `wh_1 now delivers to https://app.example/hooks`. */
  readonly what: string;
  /** Whether the session receives no events any more. */
  readonly isLoss: boolean;
  readonly hint: string;
}

const RESTART = "Start listen again to register it again, or use a new webhook with --new.";

/** Undefined: the session receives the registered events. `webhook`: the API's state; undefined if it is not listed. */
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

interface LiveDrift extends Drift {
  readonly webhookId: string;
  /** The process of the session. */
  readonly pid: number;
}

/** The webhooks of running sessions with this data folder that differ from the state that the session has set. */
export async function liveDrifts(
  store: Pick<StoreReader, "changes" | "holderOf">,
  api: () => Promise<Pick<BluumClient, "listWebhooks">>,
  { environment, baseUrl }: ApiTarget,
): Promise<LiveDrift[]> {
  const held = new Map<string, { readonly change: Parameters<typeof driftOf>[0]; readonly pid: number }>();
  for (const change of await store.changes.pending({ environment, baseUrl })) {
    const { kind, webhookId, outcome } = change;
    if (kind !== "session" || webhookId === null || outcome === "handed-over") continue;
    const holder = await store.holderOf(sessionLock(baseUrl, webhookId));
    // The last one counts: the URL of a tunnel may have changed.
    if (holder !== undefined) held.set(webhookId, { change, pid: holder.pid });
  }
  if (held.size === 0) return [];
  const webhooks = await (await api()).listWebhooks();
  return [...held].flatMap(([webhookId, { change, pid }]) => {
    const drift = driftOf(
      change,
      webhooks.find(({ id }) => id === webhookId),
    );
    return drift === undefined ? [] : [{ ...drift, webhookId, pid }];
  });
}
