import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store, WebhookChange } from "../../store/store.ts";

/** A promotion is made by a person in another terminal, who then looks here. */
const LOOK_MS = 1_000;

/** Says so once when a promotion has taken the webhook from this session, which then receives nothing from it any more. */
export function watchForPromotion(
  place: { readonly environment: string; readonly baseUrl: string; readonly webhookId: string },
  deps: { readonly store: Pick<Store, "changes">; readonly clock: Clock; readonly bus: Pick<FactBus, "publish"> },
  held: readonly WebhookChange[],
): { stop(): Promise<void> } {
  const { environment, baseUrl, webhookId } = place;
  const over = new AbortController();

  async function watch(): Promise<void> {
    for (;;) {
      await deps.clock.sleep(LOOK_MS, over.signal);
      const open = await deps.store.changes.pending({ environment, baseUrl, webhookId });
      const isOurs = open.some(({ id, outcome }) => outcome !== "handed-over" && held.some((each) => each.id === id));
      if (isOurs) continue;
      const promotion = await deps.store.changes.latest({ kind: "promote", environment, baseUrl, webhookId });
      return deps.bus.publish({
        type: "warning",
        code: "promoted_away",
        message: `${webhookId} was promoted to ${promotion?.after.url ?? "another URL"}: its events no longer come here`,
        hint: "Stop this session; it will leave the webhook as it is. Listen on another one with --new.",
      });
    }
  }

  // Nothing is lost if nobody can look: the end of the session asks the journal in any case.
  const work = watch().catch(() => {});
  return {
    async stop() {
      over.abort();
      await work;
    },
  };
}
