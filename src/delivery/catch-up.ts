import { setImmediate as nextTurn } from "node:timers/promises";
import type { Delivery, StoredDelivery } from "../core/delivery.ts";
import type { DeliveryFilter } from "../core/delivery-filter.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import { isAccepted, type ForwardAttempt } from "../core/forward.ts";
import type { Forwarder } from "./forwarder.ts";
import { isAbsent } from "./health.ts";
import type { FactBus } from "./bus.ts";
import type { UndoStack } from "../platform/undo.ts";

/** The durable record, as far as what was not delivered is looked for there. */
export interface DeliverySource {
  list(filter: DeliveryFilter): Promise<StoredDelivery[]>;
  find(id: string): Promise<StoredDelivery>;
}

const PAGE = 500;

export interface CatchUpOptions {
  readonly environment: string;
  readonly sinceMs: number;
  readonly onlyVerified: boolean;
}

/**
 * Sends what the app has missed: once `begin` is called, and as soon as the app is there; again whenever it comes back. A
 * delivery that the app has answered, however badly, is not sent again.
 */
export interface CatchUp {
  begin(): void;
  /** Told whether the app is there, at first and at each change. */
  found(isUp: boolean): void;
  /**
   * Sends a delivery that has just come in, behind what was missed of its resource. While that waits for an app that is not
   * there, nobody waits with it: the delivery is refused, and missed too.
   */
  forward(delivery: Delivery): Promise<ForwardAttempt>;
  /** Resolves when all is on its way that an app which is there has missed. */
  queued(): Promise<void>;
}

export async function openCatchUp(
  options: CatchUpOptions,
  forwarder: Pick<Forwarder, "forward" | "forwardLater" | "refuse">,
  { store, undo }: { readonly store: DeliverySource; readonly undo: UndoStack },
  /** Deliveries that the app has answered without taking them. */
  refused: Set<string>,
): Promise<CatchUp> {
  /** Resources whose missed events go before anything new. */
  const waiting = new Set<string | null>();
  /** Deliveries on their way to the app already. */
  const underWay = new Set<string>();
  let [isBegun, isOver] = [false, false];
  let isUp: boolean | undefined;
  let work = Promise.resolve();
  let wakers: (() => void)[] = [];
  undo.push(() => {
    isOver = true;
    tellChange();
  });

  function tellChange(): void {
    const awoken = wakers;
    wakers = [];
    for (const wake of awoken) wake();
  }

  const changed = () => new Promise<void>((resolve) => void wakers.push(resolve));

  const isReady = () => isBegun && isUp === true && !isOver;
  const list = () => undeliveredSince(store, options, (id) => !refused.has(id) && !underWay.has(id));

  async function queueAll(): Promise<void> {
    if (!isReady()) return;
    // What was refused in this turn is in the store in the next.
    await nextTurn();
    // What cannot be listed holds nothing up.
    const missed = await list().catch(() => []);
    if (!isReady()) return;
    for (const each of missed) void send(each);
    waiting.clear();
    tellChange();
  }

  async function send({ id, resourceId }: Undelivered): Promise<void> {
    underWay.add(id);
    // Its bytes are fetched when its turn comes; it may have been pruned by then.
    const fetch = async () => (isReady() ? store.find(id).catch(() => undefined) : undefined);
    const attempt = await forwarder.forwardLater(resourceId, fetch, "catch-up");
    settle(id, resourceId, attempt?.outcome);
  }

  function settle(id: string, resourceId: string | null, outcome: ExchangeOutcome | undefined): void {
    underWay.delete(id);
    if (outcome !== undefined && isRefusal(outcome)) refused.add(id);
    if (isUp === false && (outcome === undefined || isAbsent(outcome))) waiting.add(resourceId);
  }

  function look(): void {
    tellChange();
    work = work.then(queueAll);
  }

  for (const { resourceId } of await list()) waiting.add(resourceId);
  return {
    begin() {
      isBegun = true;
      look();
    },
    found(nowUp) {
      isUp = nowUp;
      look();
    },
    async forward(delivery) {
      const { id, resourceId } = delivery;
      underWay.add(id);
      const isBehind = () => resourceId !== null && waiting.has(resourceId) && !isOver;
      const mustWait = () => isBehind() && isUp !== false;
      while (mustWait()) await changed();
      const attempt = isBehind() ? forwarder.refuse(delivery, "live") : await forwarder.forward(delivery, "live");
      settle(id, resourceId, attempt.outcome);
      return attempt;
    },
    async queued() {
      const isUnknown = () => isUp === undefined && !isOver;
      while (isUnknown()) await changed();
      await work;
    },
  };
}

/** Whether the app answered it without accepting it. */
function isRefusal(outcome: ExchangeOutcome): boolean {
  if (isAccepted(outcome) || isAbsent(outcome)) return false;
  return outcome.kind === "answered" || (outcome.reason !== "stopped" && outcome.reason !== "overflow");
}

/** How many are named where not all can be. */
const NAMED = 3;

/** Says at the end of a session what the app has still not had. */
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
    message: `${missed.length} still missing: ${names.join(", ")}${more}`,
    hint: "The app was not there. Start it, and send them with: bluum-hooks listen --forward-to URL --since 1h",
  });
}

/** By what a delivery is sent later. */
export type Undelivered = Pick<StoredDelivery, "id" | "event" | "resourceId" | "environment">;

/**
 * What was received since and never taken by the app, in the order it came, each event once: of one that was delivered
 * several times, the first delivery.
 */
async function undeliveredSince(
  store: Pick<DeliverySource, "list">,
  { environment, sinceMs, onlyVerified }: CatchUpOptions,
  isWanted: (id: string) => boolean,
): Promise<Undelivered[]> {
  const verdicts = onlyVerified ? { verdicts: ["verified" as const] } : {};
  return eachUndelivered(store, { environment, sinceMs, ...verdicts, isForwarded: false }, ({ id }) => isWanted(id));
}

/** What the filter lets through, in the order of commits, each event once. */
export async function eachUndelivered(
  store: Pick<DeliverySource, "list">,
  filter: DeliveryFilter,
  isWanted: (delivery: StoredDelivery) => boolean = () => true,
): Promise<Undelivered[]> {
  const missed: Undelivered[] = [];
  const events = new Set<string>();
  for (let afterSeq = 0; ;) {
    const page = await store.list({ ...filter, afterSeq, limit: PAGE });
    for (const delivery of page) {
      const { id, event: name, resourceId, identity, environment, seq } = delivery;
      afterSeq = seq;
      const event = identity.key === null ? id : `${environment} ${identity.key}`;
      // Of what was refused only a part may be kept.
      if (events.has(event) || delivery.cutFrom !== undefined || !isWanted(delivery)) continue;
      events.add(event);
      missed.push({ id, event: name, resourceId, environment });
    }
    if (page.length < PAGE) return missed;
  }
}
