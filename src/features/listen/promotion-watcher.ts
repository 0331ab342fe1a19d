import type { WebhookChange } from "../../store/store.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";

/** A user who promotes in another terminal expects the result here soon. */
const LOOK_MS = 1_000;

/** Warns once when a promotion has changed this session's webhook, which then sends nothing more to it. */
export function promotionWatcher(
  journal: WebhookJournal,
  webhookId: string,
  held: readonly WebhookChange[],
): AsyncDisposable {
  const { environment, baseUrl } = journal.place;
  const over = new AbortController();

  async function watch(): Promise<void> {
    for (;;) {
      await journal.clock.sleep(LOOK_MS, over.signal);
      const open = await journal.pending(webhookId);
      const isOurs = open.some(({ id, outcome }) => outcome !== "handed-over" && held.some((each) => each.id === id));
      if (isOurs) continue;
      const promotion = await journal.changes.latest({ kind: "promote", environment, baseUrl, webhookId });
      return journal.publish({
        type: "warning",
        code: "promoted_away",
        message: `${webhookId} was promoted to ${promotion?.after.url ?? "another URL"}: this session no longer receives its events`,
        hint: "Stop this session: it does not change the webhook. To use another webhook, add --new.",
      });
    }
  }

  // A failed check has no consequences: the end of the session reads the journal in any case.
  const work = watch().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await work;
    },
  };
}
