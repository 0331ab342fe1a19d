import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { WebhookChange } from "../../store/store.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";
import type { PublicUrl } from "./public-url.ts";

export interface UrlFollower extends AsyncDisposable {
  moved(): void;
  /** Points the webhook at this session again, after a late request of this program has set the URL `from`. */
  repoint(from: string): void;
}

const RETRY_MS = 5_000;

/**
 * Updates the webhook when the public URL changes. Each move is a separate change in the journal, which restores the
 * state from before the session, and replaces the previous change once it is made.
 */
export function followUrl(
  journal: WebhookJournal,
  webhookId: string,
  publicUrl: Pick<PublicUrl, "current">,
  /** Every change that the end of the session restores, oldest first. */
  held: WebhookChange[],
): UrlFollower {
  const over = new LinkedAbort(journal.signal);
  const { signal } = over;
  let work = Promise.resolve();
  let followed = held.at(-1)?.after.url;
  const late = new Set<string>();
  const isOurs = (url: string) => [...held.map(({ after }) => after.url), ...late].some((each) => isSameUrl(each, url));

  async function move(): Promise<void> {
    while (!signal.aborted && followed !== publicUrl.current()) {
      const url = publicUrl.current();
      const last = held.at(-1);
      if (last === undefined) return;
      // Until the update is confirmed, the webhook's URL is unknown.
      followed = undefined;
      try {
        await journal.change({
          kind: "session",
          webhookId,
          set: { url },
          onExit: last.onExit,
          replacing: held,
          planned: last.after.url === url ? last : undefined,
          validate: ({ url: now }) =>
            isSameUrl(now, url) || isOurs(now)
              ? undefined
              : `${webhookId} now delivers to ${now}: its URL was changed elsewhere`,
          onPlanned: (change) => {
            const at = held.findIndex(({ id }) => id === change.id);
            held.splice(at === -1 ? held.length : at, 1, change);
          },
        });
        await settleMoved();
        followed = url;
        journal.publish({ type: "registered", webhookId, action: "patched", url });
      } catch (error) {
        if (signal.aborted) return;
        const isChangedByOthers = error instanceof AppError && error.code === "webhook_changed";
        journal.publish({
          type: "warning",
          code: "url_not_followed",
          message: `the public URL is now ${url}, but the webhook was not updated: ${error instanceof Error ? error.message : String(error)}`,
          hint: isChangedByOthers
            ? "Start listen again to register the new URL."
            : "Wait: bluum-hooks tries again every few seconds.",
        });
        if (isChangedByOthers) return over.abort();
        await journal.clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  }

  /** An earlier move is settled, unless the API may still carry it out: the end of the session checks that. */
  async function settleMoved(): Promise<void> {
    const open = await journal.pending(webhookId);
    for (const old of held.slice(0, -1)) {
      if (open.find(({ id }) => id === old.id)?.unanswered !== 0) continue;
      await journal.changes.update(old.id, { state: "settled", outcome: "moved" });
      held.splice(held.indexOf(old), 1);
    }
  }

  return {
    moved() {
      work = work.then(move);
    },
    repoint(from) {
      late.add(from);
      followed = undefined;
      work = work.then(move);
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await work;
      over[Symbol.dispose]();
    },
  };
}
