import { setImmediate as nextTurn } from "node:timers/promises";
import type { Delivery, StoredDelivery } from "../core/delivery.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import { type ExchangeOutcome, isAccepted, type ForwardAttempt } from "../core/exchange.ts";
import type { Forwardable, Forwarder, Named, Reread } from "./forwarder.ts";
import { isAbsent } from "./health.ts";
import type { FactBus } from "./bus.ts";

/** The part of the store that finds undelivered events. */
export interface DeliverySource {
  list(filter: DeliveryFilter): Promise<StoredDelivery[]>;
  find(id: string): Promise<StoredDelivery>;
}

const PAGE = 500;

export interface CatchUpOptions {
  readonly environment: string;
  /** Received since then on this machine, in Unix milliseconds; or those due from a team's log. */
  readonly missed: { readonly sinceMs: number } | { readonly dueIn: NonNullable<DeliveryFilter["dueIn"]> };
  readonly onlyVerified: boolean;
  /** Changes what is sent, such as its signature. Must not reject. */
  readonly renew?: ((stored: StoredDelivery) => Promise<Forwardable>) | undefined;
}

/**
 * Sends the deliveries that the app missed: after `begin`, as soon as the app is reachable, and again whenever it
 * comes back. A delivery that the app has answered, with any status, is not sent again.
 */
export interface CatchUp extends AsyncDisposable {
  begin(): void;
  /** Reports that deliveries from a team's log have been stored. */
  stored(): void;
  /** Reports whether the app is reachable: the first finding, and each change. */
  found(isUp: boolean): void;
  /**
   * Sends a new delivery, after the missed deliveries of its resource. If those wait for an app that is not
   * reachable, the delivery is not sent but counts as missed, so that the sender does not wait.
   */
  forward(delivery: Delivery, reread: Reread): Promise<ForwardAttempt>;
  /** Resolves when every delivery that a reachable app missed has been queued for sending. */
  queued(): Promise<void>;
}

export async function openCatchUp(
  options: CatchUpOptions,
  forwarder: Pick<Forwarder, "forward" | "forwardLater" | "refuse">,
  store: DeliverySource,
  /** Deliveries that the app has answered without accepting them. */
  refused: Set<string>,
): Promise<CatchUp> {
  /** Resources whose missed events must be sent before new ones. */
  const waiting = new Set<string | null>();
  /** Deliveries that are already being sent. */
  const underWay = new Set<string>();
  let [isBegun, isOver] = [false, false];
  let isUp: boolean | undefined;
  let work = Promise.resolve();
  let wakers: (() => void)[] = [];
  /** Up to where the store has been searched since the app's state last changed, so that a new page costs one page. */
  let searchedTo = 0;

  function wakeWaiting(): void {
    const awoken = wakers;
    wakers = [];
    for (const wake of awoken) wake();
  }

  const changed = () => new Promise<void>((resolve) => void wakers.push(resolve));

  const isReady = () => isBegun && isUp === true && !isOver;
  const list = () => undeliveredSince(store, options, (id) => !refused.has(id) && !underWay.has(id), searchedTo);

  async function queueAll(): Promise<void> {
    if (!isReady()) return;
    // Deliveries refused in this turn of the event loop are in the store in the next.
    await nextTurn();
    // If the list cannot be read, new deliveries must not wait.
    const missed = await list().catch(() => []);
    if (!isReady()) return;
    if ("dueIn" in options.missed) searchedTo = missed.at(-1)?.seq ?? searchedTo;
    for (const each of missed) void send(each);
    waiting.clear();
    wakeWaiting();
  }

  async function send({ id, resourceId }: Undelivered): Promise<void> {
    underWay.add(id);
    // The body is read when its turn comes; the delivery may have been pruned by then.
    const fetch = async () => {
      const stored = isReady() ? await store.find(id).catch(() => undefined) : undefined;
      return stored && options.renew ? options.renew(stored) : stored;
    };
    const attempt = await forwarder.forwardLater(resourceId, fetch, "catch-up");
    settle(id, resourceId, attempt?.outcome);
  }

  function settle(id: string, resourceId: string | null, outcome: ExchangeOutcome | undefined): void {
    underWay.delete(id);
    if (outcome !== undefined && isRefusal(outcome)) refused.add(id);
    if (isUp === false && (outcome === undefined || isAbsent(outcome))) waiting.add(resourceId);
  }

  const isBehind = (resourceId: string | null) => resourceId !== null && waiting.has(resourceId) && !isOver;

  /** Forwards a delivery after missed ones. It is not kept in memory meanwhile. */
  async function forwardBehind(resourceId: string | null, delivery: Named, reread: Reread): Promise<ForwardAttempt> {
    const mustWait = () => isBehind(resourceId) && isUp !== false;
    while (mustWait()) await changed();
    const made = isBehind(resourceId) ? undefined : await forwarder.forwardLater(resourceId, reread, "live");
    return made ?? forwarder.refuse(delivery, "live");
  }

  function look(): void {
    wakeWaiting();
    work = work.then(queueAll);
  }

  for (const { resourceId } of await list()) waiting.add(resourceId);
  return {
    begin() {
      isBegun = true;
      look();
    },
    stored: look,
    found(nowUp) {
      isUp = nowUp;
      searchedTo = 0;
      look();
    },
    forward(delivery, reread) {
      const { id, resourceId, path } = delivery;
      underWay.add(id);
      const made = isBehind(resourceId)
        ? forwardBehind(resourceId, { id, path }, reread)
        : forwarder.forward(delivery, "live", reread);
      return made.then((attempt) => {
        settle(id, resourceId, attempt.outcome);
        return attempt;
      });
    },
    async queued() {
      const isUnknown = () => isUp === undefined && !isOver;
      while (isUnknown()) await changed();
      await work;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      wakeWaiting();
    },
  };
}

/** Whether the app answered without accepting the delivery. */
function isRefusal(outcome: ExchangeOutcome): boolean {
  if (isAccepted(outcome) || isAbsent(outcome)) return false;
  return outcome.kind === "answered" || (outcome.reason !== "stopped" && outcome.reason !== "overflow");
}

/** How many deliveries a message names at most. */
const NAMED = 3;

/** Reports at the end of a session which deliveries the app has not accepted. */
export async function reportUndelivered(
  options: CatchUpOptions,
  { store, bus }: { readonly store: Pick<DeliverySource, "list">; readonly bus: Pick<FactBus, "publish"> },
  refused: ReadonlySet<string>,
): Promise<void> {
  const missed = await undeliveredSince(store, options, (id) => !refused.has(id)).catch(() => []);
  if (missed.length === 0) return;
  const names = missed.slice(0, NAMED).map(({ event, resourceId }) => `${event ?? "-"} ${resourceId ?? "-"}`);
  const more = missed.length > NAMED ? `, and ${missed.length - NAMED} more` : "";
  bus.publish({
    type: "warning",
    code: "still_missing",
    message: `${missed.length} not received by your app: ${names.join(", ")}${more}`,
    hint:
      "dueIn" in options.missed
        ? "Start the app: the next listen --team --forward-to sends them."
        : "Start the app and send them with: bluum-hooks listen --forward-to URL --since 1h",
  });
}

/** What is needed to send a delivery later. */
export type Undelivered = Pick<StoredDelivery, "id" | "event" | "resourceId" | "environment" | "seq">;

/**
 * Deliveries received since a time that the app has not accepted, in order of receipt, each event once: of several
 * deliveries of an event, the first.
 */
async function undeliveredSince(
  store: Pick<DeliverySource, "list">,
  { environment, missed, onlyVerified }: CatchUpOptions,
  isWanted: (id: string) => boolean,
  afterSeq = 0,
): Promise<Undelivered[]> {
  const verdicts = onlyVerified ? { verdicts: ["verified" as const] } : {};
  const filter = { environment, ...missed, ...verdicts, isForwarded: false, afterSeq };
  return eachUndelivered(store, filter, ({ id }) => isWanted(id));
}

/** Undelivered events that match the filter, in commit order, each event once. */
export async function eachUndelivered(
  store: Pick<DeliverySource, "list">,
  filter: DeliveryFilter,
  isWanted: (delivery: StoredDelivery) => boolean = () => true,
): Promise<Undelivered[]> {
  const missed: Undelivered[] = [];
  const events = new Set<string>();
  for (let { afterSeq = 0 } = filter; ;) {
    const page = await store.list({ ...filter, afterSeq, limit: PAGE });
    for (const delivery of page) {
      const { id, event: name, resourceId, identity, environment, seq } = delivery;
      afterSeq = seq;
      const event = identity.key === null ? id : `${environment} ${identity.key}`;
      // Only the beginning of a refused body may be stored.
      if (events.has(event) || delivery.cutFrom !== undefined || !isWanted(delivery)) continue;
      events.add(event);
      missed.push({ id, event: name, resourceId, environment, seq });
    }
    if (page.length < PAGE) return missed;
  }
}
