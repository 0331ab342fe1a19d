import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import { setSegmentAside, type DamagedSegment } from "./aside.ts";
import type { UnverifiedUse } from "../unverified.ts";
import type { IndexRunner } from "./runner.ts";
import type { Segment } from "./segment.ts";
import { settler, type Settler, type Ticket } from "./tickets.ts";

export interface IndexingOptions {
  readonly folder: string;
  /** Told of a segment that could not be read whole, once it is kept under another name. */
  readonly onDamaged: (damaged: DamagedSegment) => void;
  /** Told how the quota of what is not verified stands, when some of that was added. */
  readonly onUnverified: (use: UnverifiedUse) => void;
  /** Told once when the tables have not taken anything for a while, and again only after they did. */
  readonly onStuck: (failure: AppError) => void;
  /** Told of deferred deliveries by their `seq`; null for one that the tables do not take. */
  readonly onDeferred: (seqs: readonly (number | null)[]) => void;
  readonly failure: (error: unknown) => AppError;
}

const RETRY_MS = 250;
/** How long they may fail before somebody is told. */
const STUCK_MS = 3_000;
const STEP_INTERVAL_MS = 25;
/** How long the thread that answers is watched, once it was busy, to see whether it still is. */
const WATCH_MS = 100;
/** From this share of its time on, a thread that answers is busy. */
const BUSY = 0.5;
/** How long the tables then wait for a step, as a multiple of what it will take, and at most. */
const YIELD = 39;
const MAX_YIELD_MS = 5_000;
/** How much of the log the tables may leave for later. From there on they take their full share of the machine, busy or not. */
const MAX_YIELDED_BYTES = 1024 * 1024 * 1024;
/** The same for what strangers may have sent, of which less is kept than this soon would be. */
const MAX_YIELDED_UNVERIFIED_BYTES = 4 * 1024 * 1024;

/**
 * Brings the segments of a log into the tables, the oldest first, for as long as there is something to bring. While this
 * thread is busy with answers, the tables take a fortieth of the time or less, and catch up afterwards.
 */
export class Indexing {
  readonly #runner: IndexRunner;
  readonly #options: IndexingOptions;
  readonly #segments: Segment[] = [];
  /** Who wants to know when a delivery is in the tables, by its id. */
  readonly #waiting = new Map<string, Ticket>();
  /** Deliveries that are in the log, and in the tables. */
  #written = 0;
  #indexed = 0;
  /** Of deliveries without a valid signature that the tables do not have. */
  #unverifiedBytes = 0;
  #watchers: Watcher[] = [];
  #isRunning = false;
  #isClosing = false;
  #isGivingUp = false;
  /** Since when they fail, in the milliseconds of this process, and whether that was told. */
  #stuck: { readonly since: number; readonly failure: AppError; isTold: boolean } | undefined;
  #lastStep = { endedAt: -Infinity, msEach: 0 };

  constructor(runner: IndexRunner, options: IndexingOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  /** Tells that a segment has grown by these deliveries, among other things. */
  add(segment: Segment, tickets: readonly Ticket[]): void {
    if (this.#segments.at(-1) !== segment) this.#segments.push(segment);
    for (const ticket of tickets) {
      ticket.segment = segment.name;
      ticket.end = segment.writtenTo;
      this.#waiting.set(ticket.id, ticket);
    }
    this.#written += tickets.length;
    this.#unverifiedBytes += tickets.reduce((sum, { unverifiedBytes }) => sum + unverifiedBytes, 0);
    void this.#run();
  }

  /** Nobody wants to know any more when it is in the tables. */
  letGo({ id }: Ticket): void {
    this.#waiting.delete(id);
  }

  /** How far the log is ahead of the tables. */
  get aheadBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.writtenTo - segment.indexedTo, 0);
  }

  /** Resolves when the tables are where the log is now; rejects when that cannot be now. */
  async caughtUp(): Promise<void> {
    const last = this.#segments.at(-1);
    if (last === undefined || last.indexedTo === last.writtenTo) return;
    const end = last.writtenTo;
    await this.#watch(() => last.indexedTo >= end);
  }

  /** Why the tables cannot be written now, if they cannot. */
  get failure(): AppError | undefined {
    return this.#stuck?.failure;
  }

  /**
   * Removes the segments, once all of them is in the tables. If that fails, or is not asked for, they stay for whoever opens
   * the store next.
   */
  async close({ isToTheEnd }: { readonly isToTheEnd: boolean }): Promise<void> {
    this.#isClosing = true;
    this.#isGivingUp = !isToTheEnd;
    try {
      for (const segment of this.#segments) segment.isFinished = true;
      const isOver = this.#watch(() => false);
      void this.#run();
      await isOver;
    } finally {
      for (const ticket of this.#waiting.values()) {
        ticket.notIndexed(this.#options.failure(new Error("it was closed")));
      }
      for (const segment of this.#segments) await segment.close();
      await this.#runner.close();
    }
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let [segment] = this.#segments; segment !== undefined; [segment] = this.#segments) {
      if (this.#isGivingUp) break;
      const startedAt = performance.now();
      try {
        if (segment.indexedTo < segment.writtenTo) {
          await this.#pause();
          await this.#step(segment);
        } else if (segment.isFinished) await this.#retire(segment);
        else break;
        this.#stuck = undefined;
      } catch (error) {
        const failure = this.#options.failure(error);
        this.#tell(this.#watchers, failure);
        this.#failed(failure, startedAt);
        if (this.#isClosing) break;
        await delay(RETRY_MS);
      }
    }
    this.#isRunning = false;
    this.#tell(this.#watchers);
  }

  /**
   * Steps that follow one another soon are better one: each wakes a thread and costs the tables whole pages. And an answer
   * that is waited for comes before a row that nobody looks at.
   */
  async #pause(): Promise<void> {
    const { endedAt, msEach } = this.#lastStep;
    const restMs = (pauseMs: number) => endedAt + pauseMs - performance.now();
    for (let waitMs = restMs(STEP_INTERVAL_MS); waitMs > 0;) {
      if (this.#watchers.length > 0 || this.#isClosing) return;
      const [before, written] = [performance.eventLoopUtilization(), this.#written];
      await delay(waitMs);
      const { utilization } = performance.eventLoopUtilization(before);
      const isAnswering = this.#written > written && utilization > BUSY;
      const nextStepMs = msEach * (this.#written - this.#indexed);
      const isYielding =
        isAnswering && this.aheadBytes < MAX_YIELDED_BYTES && this.#unverifiedBytes < MAX_YIELDED_UNVERIFIED_BYTES;
      waitMs = isYielding ? Math.min(WATCH_MS, restMs(Math.min(MAX_YIELD_MS, YIELD * nextStepMs))) : 0;
    }
  }

  async #step(segment: Segment): Promise<void> {
    const startedAt = performance.now();
    const range = { end: segment.writtenTo, isPadded: false };
    const { position, deliveries, refused, deferred, unreadable, unverified } = await this.#runner.step(
      segment.name,
      range,
    );
    const endedAt = performance.now();
    this.#lastStep = { endedAt, msEach: (endedAt - startedAt) / Math.max(1, deliveries.length) };
    segment.indexedTo = position;
    this.#indexed += deliveries.length + refused.length;
    for (const delivery of deliveries) this.#take(delivery.id)?.becameIndexed(delivery);
    for (const id of refused) this.#take(id)?.notIndexed(REFUSED);
    if (unreadable.records > 0) this.#giveUp(segment);
    if (deferred.length > 0) this.#options.onDeferred(deferred);
    if (unverified !== undefined) {
      this.#unverifiedBytes -= unverified.addedBytes;
      this.#options.onUnverified(unverified);
    }
    this.#tell(this.#watchers.filter((watcher) => watcher.isReached()));
  }

  #take(id: string): Ticket | undefined {
    const ticket = this.#waiting.get(id);
    this.#waiting.delete(id);
    return ticket;
  }

  /** Some records of the segment are damaged: whoever still waits for one that was passed by now waits in vain. */
  #giveUp({ name, indexedTo }: Segment): void {
    for (const { id, segment, end } of this.#waiting.values()) {
      if (segment === name && end <= indexedTo) this.#take(id)?.notIndexed(UNREADABLE);
    }
  }

  #failed(failure: AppError, startedAt: number): void {
    this.#stuck ??= { since: startedAt, failure, isTold: false };
    if (this.#stuck.isTold || performance.now() - this.#stuck.since < STUCK_MS) return;
    this.#stuck.isTold = true;
    this.#options.onStuck(failure);
  }

  async #retire(segment: Segment): Promise<void> {
    const unreadable = await this.#runner.seal(segment.name);
    await segment.close();
    if (unreadable.records > 0) {
      this.#options.onDamaged(setSegmentAside(this.#options.folder, segment.name, unreadable));
    } else segment.remove();
    this.#segments.shift();
    // What could not be read is in the tables as little as elsewhere, and not on its way any more.
    if (this.#segments.length === 0) {
      this.#indexed = this.#written;
      this.#unverifiedBytes = 0;
    }
    await this.#runner.forget(segment.name);
  }

  async #watch(isReached: () => boolean): Promise<void> {
    const watcher = { ...settler<void>(), isReached };
    this.#watchers.push(watcher);
    await watcher.promise;
  }

  #tell(told: readonly Watcher[], failure?: AppError): void {
    this.#watchers = this.#watchers.filter((watcher) => !told.includes(watcher));
    for (const watcher of told) {
      if (failure === undefined) watcher.resolve();
      else watcher.reject(failure);
    }
  }
}

/** Somebody who waits for the tables to come to a place in the log. */
interface Watcher extends Settler<void> {
  readonly isReached: () => boolean;
}

const REFUSED = new AppError("store_unavailable", "the store does not take this delivery", {
  hint: "Please report it: its id, or something else of it, contradicts what is stored.",
});

const UNREADABLE = new AppError("store_unavailable", "what was written to the log is not what stands there now", {
  hint: "Check the disk. The damaged file is kept beside the store, and bluum-hooks doctor names it.",
});
