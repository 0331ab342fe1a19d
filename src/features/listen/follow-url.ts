import type { BluumClient } from "../../bluum/client.ts";
import { AppError } from "../../core/errors.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { LockHolder, Store, WebhookChange } from "../../store/store.ts";
import { changeWebhook, type JournalDeps } from "../webhooks/journal.ts";
import type { PublicUrl } from "./public-url.ts";

interface FollowDeps {
  readonly api: BluumClient;
  readonly store: Store;
  readonly clock: Clock;
  readonly holder: LockHolder;
  readonly signal: AbortSignal;
  readonly bus: Pick<FactBus, "publish">;
  readonly askPeer?: JournalDeps["askPeer"];
}

const RETRY_MS = 5_000;

/**
 * Keeps the webhook pointing at a public URL that moves. Each move is a change of its own in the journal, with what stood
 * there before the session to be put back, and takes the place of the change before it once it is made.
 */
export function followUrl(
  place: { readonly environment: string; readonly baseUrl: string; readonly webhookId: string },
  deps: FollowDeps,
  publicUrl: PublicUrl,
  /** Every change that the end of the session would take back, oldest first. */
  held: WebhookChange[],
): {
  moved(): void;
  /** Points the webhook here again from a URL that a late request of ours has given it. */
  repoint(from: string): void;
  stop(): Promise<void>;
} {
  const over = new AbortController();
  const signal = AbortSignal.any([deps.signal, over.signal]);
  let work = Promise.resolve();
  let followed = held.at(-1)?.after.url;
  const late = new Set<string>();
  const isOurs = (url: string) => [...held.map(({ after }) => after.url), ...late].some((each) => isSameUrl(each, url));

  async function move(): Promise<void> {
    while (!signal.aborted && followed !== publicUrl.current()) {
      const url = publicUrl.current();
      const last = held.at(-1);
      if (last === undefined) return;
      // Until it is proven, nobody knows where the webhook points.
      followed = undefined;
      try {
        await changeWebhook(
          { ...deps, ...place },
          {
            kind: "session",
            webhookId: place.webhookId,
            set: { url },
            onExit: last.onExit,
            replacing: held,
            planned: last.after.url === url ? last : undefined,
            objection: ({ url: now }) =>
              isSameUrl(now, url) || isOurs(now)
                ? undefined
                : `${place.webhookId} now delivers to ${now}: somebody else has set that`,
            onPlanned: (change) => {
              const at = held.findIndex(({ id }) => id === change.id);
              held.splice(at === -1 ? held.length : at, 1, change);
            },
          },
        );
        await settleMoved();
        followed = url;
        deps.bus.publish({ type: "registered", webhookId: place.webhookId, action: "patched", url });
      } catch (error) {
        if (signal.aborted) return;
        const isTaken = error instanceof AppError && error.code === "webhook_changed";
        deps.bus.publish({
          type: "warning",
          code: "url_not_followed",
          message: `the public URL is now ${url}, but the webhook could not be pointed at it: ${error instanceof Error ? error.message : String(error)}`,
          hint: isTaken ? "It is left alone from now on." : "It is tried again every few seconds.",
        });
        if (isTaken) return over.abort();
        await deps.clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  }

  /** What one of them made is past, unless the API may still carry it out: the end of the session looks at that. */
  async function settleMoved(): Promise<void> {
    const open = await deps.store.changes.pending(place);
    for (const old of held.slice(0, -1)) {
      if (open.find(({ id }) => id === old.id)?.unanswered !== 0) continue;
      await deps.store.changes.update(old.id, { state: "settled", outcome: "moved" });
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
    async stop() {
      over.abort();
      await work;
    },
  };
}
