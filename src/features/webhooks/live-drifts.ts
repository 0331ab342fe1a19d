import type { BluumClient } from "../../bluum/client.ts";
import type { ApiTarget } from "../../core/command-line.ts";
import type { StoreReader } from "../../store/store.ts";
import { driftOf, type Drift } from "./drift.ts";
import { sessionLock } from "./webhook-locks.ts";

export interface LiveDrift extends Drift {
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
