import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import { setSegmentAside, type DamagedSegment } from "./aside.ts";
import { Pacer } from "../pacer.ts";
import type { UnverifiedUse } from "../unverified.ts";
import type { IndexStep } from "./indexer.ts";
import type { IndexRunner } from "./runner.ts";
import type { Segment } from "./segment.ts";

export interface IndexingOptions {
  readonly folder: string;
  /** Called for each segment that could not be read completely, after it is renamed. */
  readonly onDamaged: (damaged: DamagedSegment) => void;
  /** Called with the state of the quota for unverified deliveries when some were added. */
  readonly onUnverified: (use: UnverifiedUse) => void;
  /** Called once if indexing has failed for a while, and again only after it has succeeded. */
  readonly onStuck: (failure: AppError) => void;
  /** Called with what has been indexed, and the number of records that were skipped. */
  readonly onIndexed: (step: Pick<IndexStep, "places"> & { readonly lost: number }) => void;
  readonly failure: (error: unknown) => AppError;
}

const RETRY_MS = 250;
/** How long indexing may fail before it is reported. */
const STUCK_MS = 3_000;
const STEP_INTERVAL_MS = 25;
/** Maximum size of the log for which indexing waits; beyond it, indexing runs at full speed. */
const MAX_YIELDED_BYTES = 1024 * 1024 * 1024;
/** The same limit for unverified deliveries, of which the quota keeps less than would soon accumulate. */
const MAX_YIELDED_UNVERIFIED_BYTES = 4 * 1024 * 1024;

/**
 * Indexes the segments of a log in the tables, the oldest first, while there is something to index. While this thread
 * is busy with responses, indexing uses a fortieth of the time or less, and catches up afterwards.
 */
export class Indexing {
  readonly #runner: IndexRunner;
  readonly #options: IndexingOptions;
  readonly #segments: Segment[] = [];
  /** Deliveries in the log, and in the tables. */
  #written = 0;
  #indexed = 0;
  /** Bytes of unverified deliveries that are not in the tables. */
  #unverifiedBytes = 0;
  #watchers: Watcher[] = [];
  #isRunning = false;
  #isClosing = false;
  #isGivingUp = false;
  /** Since when indexing has failed, in milliseconds of this process, and whether that was reported. */
  #stuck: { readonly since: number; readonly failure: AppError; isReported: boolean } | undefined;
  readonly #pacer = new Pacer(() => this.#written);
  /** The duration of the last step for each delivery. */
  #msEach = 0;

  constructor(runner: IndexRunner, options: IndexingOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  /** Records that a segment has grown, and by how many deliveries. */
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

  /** How many deliveries are in the log and not yet in the tables. */
  get ahead(): number {
    return this.#written - this.#indexed;
  }

  /** How many bytes of the log are not in the tables. */
  get aheadBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.writtenTo - segment.indexedTo, 0);
  }

  /** Resolves when the tables contain the current log; rejects if that is not possible now. */
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

  /** Removes fully indexed segments. The others stay for the next process that opens the store. */
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
        this.#settle(this.#watchers, failure);
        this.#failed(failure, startedAt);
        if (this.#isClosing) break;
        await delay(RETRY_MS);
      }
    }
    this.#isRunning = false;
    this.#settle(this.#watchers);
  }

  /** Combines steps that follow one another closely: each wakes a thread and writes whole pages. */
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
    this.#settle(this.#watchers.filter((watcher) => watcher.isReached()));
  }

  #failed(failure: AppError, startedAt: number): void {
    this.#stuck ??= { since: startedAt, failure, isReported: false };
    if (this.#stuck.isReported || performance.now() - this.#stuck.since < STUCK_MS) return;
    this.#stuck.isReported = true;
    this.#options.onStuck(failure);
  }

  async #retire(segment: Segment): Promise<void> {
    const unreadable = await this.#runner.seal(segment.name);
    await segment.close();
    if (unreadable.records > 0) {
      this.#options.onDamaged(setSegmentAside(this.#options.folder, segment.name, unreadable));
    } else segment.remove();
    this.#segments.shift();
    // Records that could not be read are not in the tables, but they are not pending any more.
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

  #settle(settled: readonly Watcher[], failure?: AppError): void {
    this.#watchers = this.#watchers.filter((watcher) => !settled.includes(watcher));
    for (const watcher of settled) {
      if (failure === undefined) watcher.resolve();
      else watcher.reject(failure);
    }
  }
}

/** A caller that waits until the tables reach a position in the log. */
interface Watcher extends Settler<void> {
  readonly isReached: () => boolean;
}

/** A promise with its resolve and reject functions. A caller must await it: an unhandled rejection ends the process. */
export interface Settler<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: AppError): void;
}

export function settler<Value>(): Settler<Value> {
  let resolve: Settler<Value>["resolve"] = ignore;
  let reject: Settler<Value>["reject"] = ignore;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

function ignore(): void {}
