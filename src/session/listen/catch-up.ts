import type { Forwarder } from "../../forwarder/forwarder.ts";
import type { UndoStack } from "../../platform/undo.ts";
import type { DeliveryFilter, Store, StoredDelivery } from "../../store/store.ts";

const PAGE = 500;

interface CatchUpOptions {
  readonly environment: string;
  readonly requireSignature: boolean;
  readonly forwarding: { readonly sinceMs: number | undefined } | undefined;
}

/** Queues what the app has missed. It goes once `begin` is called; when the session ends before, it never goes. */
export async function queueMissed(
  options: CatchUpOptions,
  forwarder: Forwarder,
  { store, undo }: { readonly store: Pick<Store, "list" | "find">; readonly undo: UndoStack },
): Promise<{ begin(): void }> {
  let begin = (_isWanted: boolean): void => {};
  const begun = new Promise<boolean>((resolve) => (begin = resolve));
  undo.push(() => begin(false));
  const sinceMs = options.forwarding?.sinceMs;
  const { environment, requireSignature: onlyVerified } = options;
  const missed = sinceMs === undefined ? [] : await missedSince(store, { environment, sinceMs, onlyVerified });
  for (const { id, resourceId } of missed) {
    // Its bytes are fetched when its turn comes; it may have been pruned by then.
    const fetch = async () => ((await begun) ? store.find(id).catch(() => undefined) : undefined);
    void forwarder.forwardLater(resourceId, fetch, "catch-up");
  }
  return { begin: () => begin(true) };
}

/** By what a delivery is sent later. */
export type Missed = Pick<StoredDelivery, "id" | "resourceId" | "environment">;

/**
 * What was received since and never taken by the app, in the order it came, each event once: of one that was delivered
 * several times, the first delivery.
 */
async function missedSince(
  store: Pick<Store, "list">,
  filter: { readonly environment: string; readonly sinceMs: number; readonly onlyVerified: boolean },
): Promise<Missed[]> {
  const { environment, sinceMs, onlyVerified } = filter;
  const verdicts = onlyVerified ? { verdicts: ["verified" as const] } : {};
  return eachMissed(store, { environment, sinceMs, ...verdicts, isForwarded: false });
}

/** What the filter lets through, in the order of commits, each event once. */
export async function eachMissed(
  store: Pick<Store, "list">,
  filter: DeliveryFilter,
  isWanted: (delivery: StoredDelivery) => boolean = () => true,
): Promise<Missed[]> {
  const missed: Missed[] = [];
  const events = new Set<string>();
  for (let afterSeq = 0; ;) {
    const page = await store.list({ ...filter, afterSeq, limit: PAGE });
    for (const delivery of page) {
      const { id, resourceId, identity, environment, seq } = delivery;
      afterSeq = seq;
      const event = identity.key === null ? id : `${environment} ${identity.key}`;
      if (events.has(event) || !isWanted(delivery)) continue;
      events.add(event);
      missed.push({ id, resourceId, environment });
    }
    if (page.length < PAGE) return missed;
  }
}
