import type { Answer, RecordedDelivery } from "../core/delivery.ts";
import { type ForwardAttempt } from "../core/forward.ts";
import type { Backlog } from "../platform/sinks.ts";
import { Tally } from "../platform/tally.ts";
import type { FactBus } from "./bus.ts";
import { forwardFact } from "../core/facts.ts";

/** A delivery that is safe, and on its way to where it is known how it relates to earlier ones. */
export interface TellableDelivery {
  /** Resolves once that is known. */
  readonly stored: () => Promise<RecordedDelivery>;
  /** Instead: nothing of it need be kept in memory until then, and `takeDeferred` will give it back. */
  readonly defer: () => void;
}

export interface DeferredLog {
  /** The next deferred deliveries, with what was recorded of them; waits for one. Null for one that was not taken in. */
  takeDeferred(limit: number): Promise<
    readonly ({
      readonly delivery: RecordedDelivery;
      readonly attempts: readonly ForwardAttempt[];
    } | null)[]
  >;
}

export interface TellingOptions {
  readonly log: DeferredLog;
  /** What the reader of the output makes wait. While that is much, deliveries wait in the store. */
  readonly output?: Pick<Backlog, "isFull" | "drain"> | undefined;
  readonly bus: Pick<FactBus, "publish" | "flush">;
  /** Whose word the sender gets: the app's, or ours before the app's. Absent where there is no app. */
  readonly ack: "app" | "now" | undefined;
}

/** Tells of each delivery what happened to it, in the order in which it follows. */
export interface Telling {
  /** `attempt` and `answer` must not reject. */
  tell(
    accepted: TellableDelivery,
    attempt: Promise<ForwardAttempt> | undefined,
    answer: Promise<Answer> | Answer,
  ): void;
  /** Resolves when everything has been told. */
  idle(): Promise<void>;
}

/** How many deliveries may wait in memory to be stored. */
const MAX_WAITING = 100;
/** What the app has not answered by then is told, so that somebody sees it wait. Until it is sent it is in memory anyway. */
const PATIENCE_MS = 100;
const DEFERRED_PAGE = 100;

/**
 * As long as the store keeps up, deliveries are told from memory. In a flood the others are let go of, and read from the
 * store when their turn comes.
 */
export function createTelling({ log, bus, ack, output }: TellingOptions): Telling {
  const underWay = new Tally();
  /** Deliveries that are in memory and not known to be stored. */
  let waiting = 0;
  /** Deliveries that were let go of and have not been told yet. */
  let deferred = 0;
  let isTellingDeferred = false;
  /** Deliveries of which it is still to be said that they could not be told. */
  let untold = 0;

  async function tellOne(
    delivery: RecordedDelivery,
    attempt: Promise<ForwardAttempt> | ForwardAttempt | undefined,
    answer: Promise<Answer> | Answer | undefined,
  ): Promise<void> {
    bus.publish({ type: "delivery", delivery });
    const tellAttempt = async () => {
      if (attempt !== undefined) bus.publish(forwardFact(await attempt, delivery));
    };
    // In the order in which they follow from one another, however fast they were.
    if (ack === "app") await tellAttempt();
    if (answer !== undefined) {
      bus.publish({ type: "answer", deliveryId: delivery.id, ...(await answer) });
    }
    if (ack === "now") await tellAttempt();
  }

  async function tellFromMemory(
    stored: TellableDelivery["stored"],
    attempt: Promise<ForwardAttempt> | undefined,
    answer: Promise<Answer> | Answer,
  ): Promise<void> {
    waiting += 1;
    let delivery: RecordedDelivery;
    try {
      delivery = await stored();
    } catch (error) {
      return warnUntold(1, messageOf(error));
    } finally {
      waiting -= 1;
    }
    await tellOne(delivery, attempt, answer);
  }

  /** As fast as they are taken in and printed. */
  async function tellDeferred(): Promise<void> {
    isTellingDeferred = true;
    try {
      while (deferred > 0) {
        const page = await log.takeDeferred(DEFERRED_PAGE);
        let missing = 0;
        for (const each of page) {
          const attempt = each?.attempts.find(({ cause }) => cause === "live");
          if (each === null) missing += 1;
          else await tellOne(each.delivery, attempt, each.delivery.answer);
        }
        if (missing > 0) warnMissing(missing);
        await bus.flush();
        await output?.drain();
        deferred -= page.length;
      }
    } catch (error) {
      warnUntold(deferred, messageOf(error));
      deferred = 0;
    } finally {
      isTellingDeferred = false;
    }
  }

  /** Refused by the tables, or deleted again already: the store says which. */
  function warnMissing(count: number): void {
    bus.publish({
      type: "warning",
      code: "store_unavailable",
      message: `${count === 1 ? "1 delivery is" : `${count} deliveries are`} not shown: not in the store, or not any more`,
    });
  }

  /** Says it once of all that fail together. */
  function warnUntold(count: number, reason: string): void {
    untold += count;
    if (untold > count) return;
    setImmediate(() => {
      bus.publish({
        type: "warning",
        code: "store_unavailable",
        message: `${untold === 1 ? "a delivery is" : `${untold} deliveries are`} safe, but could not be told: ${reason}`,
        hint: "See what has arrived with: bluum-hooks events list",
      });
      untold = 0;
    });
  }

  function track(work: Promise<void>): void {
    underWay.begin();
    void work.finally(() => underWay.end());
  }

  function letGo(defer: () => void): void {
    deferred += 1;
    defer();
    if (!isTellingDeferred) track(tellDeferred());
  }

  return {
    tell({ stored, defer }, attempt, answer) {
      const isUnread = output?.isFull === true;
      if (deferred === 0 && waiting < MAX_WAITING && !isUnread) return track(tellFromMemory(stored, attempt, answer));
      // What is recorded of it is recorded before: an answer that is waited for is the app's.
      const last = answer instanceof Promise ? (ack === "now" ? Promise.all([answer, attempt]) : answer) : attempt;
      if (last === undefined) return letGo(defer);
      // Nobody would see it wait.
      if (isUnread) return track(Promise.resolve(last).then(() => letGo(defer)));
      const patience = new Promise<"slow">((resolve) => {
        const timer = setTimeout(resolve, PATIENCE_MS, "slow");
        void last.then(() => clearTimeout(timer));
      });
      const tellLater = async () =>
        (await Promise.race([last, patience])) === "slow" ? tellFromMemory(stored, attempt, answer) : letGo(defer);
      track(tellLater());
    },
    idle: () => underWay.idle(),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
