import { InFlight } from "../platform/in-flight.ts";

/**
 * Jobs of one lane run one after the other, in the order they came; lanes run side by side, so many at a time. A job whose
 * turn it is begins at once, before `run` returns: a queue that waits for the next turn of the event loop costs a delivery
 * more than the rest of its way to the app.
 */
export class Lanes {
  /** For each lane that has a job, those that wait behind it. Nothing of a job is held here that is heavy, or done. */
  readonly #behind = new Map<string, (() => void)[]>();
  /** Jobs whose turn has come, but for a place to run in. */
  readonly #placeless: (() => void)[] = [];
  readonly #unfinished = new InFlight();
  #free: number;

  constructor(concurrency: number) {
    this.#free = concurrency;
  }

  /** Runs the job when its turn has come. Jobs must not reject. Without a lane it waits for nobody. */
  run<Result>(lane: string | null, job: () => Promise<Result>): Promise<Result> {
    this.#unfinished.begin();
    const behind = lane === null ? undefined : this.#behind.get(lane);
    if (behind !== undefined) {
      return new Promise((resolve) => behind.push(() => resolve(this.#takePlace(lane, job))));
    }
    if (lane !== null) this.#behind.set(lane, []);
    return this.#takePlace(lane, job);
  }

  /** Resolves when no job runs or waits. */
  idle(): Promise<void> {
    return this.#unfinished.idle();
  }

  /** As soon as one is free. */
  #takePlace<Result>(lane: string | null, job: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) return this.#begin(lane, job);
    return new Promise((resolve) => this.#placeless.push(() => resolve(this.#begin(lane, job))));
  }

  #begin<Result>(lane: string | null, job: () => Promise<Result>): Promise<Result> {
    this.#free -= 1;
    const work = job();
    void work.then(() => this.#end(lane));
    return work;
  }

  #end(lane: string | null): void {
    this.#free += 1;
    this.#placeless.shift()?.();
    if (lane !== null) {
      const next = this.#behind.get(lane)?.shift();
      if (next === undefined) this.#behind.delete(lane);
      else next();
    }
    this.#unfinished.end();
  }
}
