import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import { setSegmentAside, type DamagedSegment } from "./aside.ts";
import { Pacer } from "../pacer.ts";
import type { UnverifiedUse } from "../unverified.ts";
import type { IndexStep } from "./indexer.ts";
import type { IndexRunner } from "./runner.ts";
import type { Segment } from "./segment.ts";
import { settler, type Settler } from "./settler.ts";

export interface IndexingOptions {
  readonly folder: string;
  /** Told of a segment that could not be read whole, once it is kept under another name. */
  readonly onDamaged: (damaged: DamagedSegment) => void;
  /** Told how the quota of what is not verified stands, when some of that was added. */
  readonly onUnverified: (use: UnverifiedUse) => void;
  /** Called once when nothing could be indexed for a while, and again only after they did. */
  readonly onStuck: (failure: AppError) => void;
  /** Called with what is in the tables now, and how many records were passed over because they cannot be. */
  readonly onIndexed: (step: Pick<IndexStep, "places"> & { readonly lost: number }) => void;
  readonly failure: (error: unknown) => AppError;
}

const RETRY_MS = 250;
/** How long they may fail before it is reported. */
const STUCK_MS = 3_000;
const STEP_INTERVAL_MS = 25;
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
  /** Deliveries that are in the log, and in the tables. */
  #written = 0;
  #indexed = 0;
  /** Of deliveries without a valid signature that the tables do not have. */
  #unverifiedBytes = 0;
  #watchers: Watcher[] = [];
  #isRunning = false;
  #isClosing = false;
  #isGivingUp = false;
  /** Since when they fail, in the milliseconds of this process, and whether that was reported. */
  #stuck: { readonly since: number; readonly failure: AppError; isTold: boolean } | undefined;
  readonly #pacer = new Pacer(() => this.#written);
  /** How long the last step took for each delivery. */
  #msEach = 0;

  constructor(runner: IndexRunner, options: IndexingOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  /** A segment has grown by so many deliveries, among other things. */
  add(segment: Segment, deliveries: number, unverifiedBytes: number): void {
    if (this.#segments.at(-1) !== segment) this.#segments.push(segment);
    this.#written += deliveries;
    this.#unverifiedBytes += unverifiedBytes;
    void this.#run();
  }

  /** How many deliveries were written to the log. */
  get written(): number {
    return this.#written;
  }

  /** How many deliveries are in the log and not in the tables yet. */
  get ahead(): number {
    return this.#written - this.#indexed;
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
   * Removes the segments, once all of them is in the tables. If that fails, or is not asked for, they stay for the process that opens
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

  /** Steps that follow one another soon are better one: each wakes a thread and costs the tables whole pages. */
  async #pause(): Promise<void> {
    await this.#pacer.untilNext({
      minMs: STEP_INTERVAL_MS,
      stepMs: () => this.#msEach * this.ahead,
      mayYield: () => this.aheadBytes < MAX_YIELDED_BYTES && this.#unverifiedBytes < MAX_YIELDED_UNVERIFIED_BYTES,
      isUrgent: () => this.#watchers.length > 0 || this.#isClosing,
    });
  }

  async #step(segment: Segment): Promise<void> {
    const startedAt = performance.now();
    const range = { end: segment.writtenTo, isPadded: false };
    const { position, places, refused, unreadable, unverified } = await this.#runner.step(segment.name, range);
    this.#pacer.ended();
    const deliveries = places.reduce((sum, each) => sum + each.deliveries, 0);
    this.#msEach = (performance.now() - startedAt) / Math.max(1, deliveries);
    segment.indexedTo = position;
    this.#indexed += deliveries + refused;
    this.#options.onIndexed({ places, lost: refused + unreadable.records });
    if (unverified !== undefined) {
      this.#unverifiedBytes -= unverified.addedBytes;
      this.#options.onUnverified(unverified);
    }
    this.#tell(this.#watchers.filter((watcher) => watcher.isReached()));
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
