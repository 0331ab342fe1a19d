/**
 * Jobs of one lane run one after the other, in the order they came; lanes run side by side, so many at a time. A job whose
 * turn it is begins at once, before `run` returns: a queue that waits for the next turn of the event loop costs a delivery
 * more than the rest of its way to the app.
 */
export class Lanes {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #unfinished = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(concurrency: number) {
    this.#free = concurrency;
  }

  /** Runs the job when its turn has come. Jobs must not reject. Without a lane it waits for nobody. */
  run<Result>(lane: string | null, job: () => Promise<Result>): Promise<Result> {
    const before = lane === null ? undefined : this.#tails.get(lane);
    const turn = before === undefined ? this.#start(job) : before.then(() => this.#start(job));
    if (lane !== null) this.#tails.set(lane, turn);
    this.#unfinished.add(turn);
    void this.#forgetAfter(turn, lane);
    return turn;
  }

  /** Resolves when no job runs or waits. */
  async idle(): Promise<void> {
    while (this.#unfinished.size > 0) await Promise.all(this.#unfinished);
  }

  /** As soon as a place is free. */
  #start<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) return this.#begin(job);
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#begin(job))));
  }

  #begin<Result>(job: () => Promise<Result>): Promise<Result> {
    this.#free -= 1;
    const work = job();
    void this.#freeAfter(work);
    return work;
  }

  async #freeAfter(work: Promise<unknown>): Promise<void> {
    await work;
    this.#free += 1;
    this.#waiting.shift()?.();
  }

  async #forgetAfter(turn: Promise<unknown>, lane: string | null): Promise<void> {
    await turn;
    this.#unfinished.delete(turn);
    if (lane !== null && this.#tails.get(lane) === turn) this.#tails.delete(lane);
  }
}
