import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import type { IndexRunner } from "./runner.ts";
import type { Segment } from "./segment.ts";
import { settler, type Settler, type Ticket } from "./tickets.ts";

const RETRY_MS = 250;
const STEP_INTERVAL_MS = 25;

/** Brings the segments of a log into the tables, the oldest first, for as long as there is something to bring. */
export class Indexing {
  readonly #runner: IndexRunner;
  readonly #failure: (error: unknown) => AppError;
  readonly #segments: Segment[] = [];
  /** Deliveries that are written and not in the tables yet, in the order of the log. */
  readonly #waiting: Ticket[] = [];
  #watchers: Settler<void>[] = [];
  #running: Promise<void> | undefined;
  #isClosing = false;
  #lastStepAt = -Infinity;

  constructor(runner: IndexRunner, failure: (error: unknown) => AppError) {
    this.#runner = runner;
    this.#failure = failure;
  }

  /** How many deliveries are ahead of the tables. */
  get ahead(): number {
    return this.#waiting.length;
  }

  /** Tells that a segment has grown by these deliveries, among other things. */
  add(segment: Segment, tickets: readonly Ticket[]): void {
    if (this.#segments.at(-1) !== segment) this.#segments.push(segment);
    this.#waiting.push(...tickets);
    this.#running ??= this.#run();
  }

  /** Resolves when the tables are where the log is; rejects when that cannot be now. */
  async caughtUp(): Promise<void> {
    if (this.#running === undefined) return;
    const watcher = settler<void>();
    this.#watchers.push(watcher);
    await watcher.promise;
  }

  /** Brings what is left to the tables and removes the segments; if that fails they stay, for whoever opens the store next. */
  async close(): Promise<void> {
    this.#isClosing = true;
    try {
      for (const segment of this.#segments) segment.isFinished = true;
      this.#running ??= this.#run();
      await this.caughtUp();
    } finally {
      for (const ticket of this.#waiting) ticket.notIndexed(this.#failure(new Error("it was closed")));
      for (const segment of this.#segments) await segment.close();
      await this.#runner.close();
    }
  }

  async #run(): Promise<void> {
    // So that it never ends before it is known to run.
    await Promise.resolve();
    for (let [segment] = this.#segments; segment !== undefined; [segment] = this.#segments) {
      try {
        if (segment.indexedTo < segment.writtenTo) {
          await this.#pause();
          await this.#step(segment);
        } else if (segment.isFinished) await this.#retire(segment);
        else break;
      } catch (error) {
        this.#tell((watcher) => watcher.reject(this.#failure(error)));
        if (this.#isClosing) break;
        await delay(RETRY_MS);
      }
    }
    this.#running = undefined;
    this.#tell((watcher) => watcher.resolve());
  }

  /** Steps that follow one another soon are better one: each wakes a thread and costs the tables whole pages. */
  async #pause(): Promise<void> {
    const waitMs = this.#lastStepAt + STEP_INTERVAL_MS - performance.now();
    if (waitMs > 0 && this.#watchers.length === 0 && !this.#isClosing) await delay(waitMs);
    this.#lastStepAt = performance.now();
  }

  async #step(segment: Segment): Promise<void> {
    const { position, deliveries } = await this.#runner.step(segment.name, segment.writtenTo);
    if (position <= segment.indexedTo) throw new Error(`the log ${segment.name} is damaged behind byte ${position}`);
    segment.indexedTo = position;
    for (const [at, ticket] of this.#waiting.splice(0, deliveries.length).entries()) {
      const delivery = deliveries[at];
      if (delivery === undefined || delivery === null) ticket.notIndexed(REFUSED);
      else ticket.becameIndexed(delivery);
    }
  }

  async #retire(segment: Segment): Promise<void> {
    await this.#runner.seal(segment.name);
    await segment.sync();
    await segment.close();
    segment.remove();
    this.#segments.shift();
    await this.#runner.forget(segment.name);
  }

  #tell(settle: (watcher: Settler<void>) => void): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) settle(watcher);
  }
}

const REFUSED = new AppError("store_unavailable", "the store does not take this delivery", {
  hint: "Please report it: its id, or something else of it, contradicts what is stored.",
});
