import pLimit from "p-limit";

/** Jobs of one lane run one after the other, in the order they came; lanes run side by side, so many at a time. */
export class Lanes {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #limit: <Result>(job: () => Promise<Result>) => Promise<Result>;

  constructor(concurrency: number) {
    const limit = pLimit(concurrency);
    this.#limit = (job) => limit(job);
  }

  /** Runs the job when its turn has come. Jobs must not reject. Without a lane it waits for nobody. */
  run<Result>(lane: string | null, job: () => Promise<Result>): Promise<Result> {
    if (lane === null) return this.#limit(job);
    const before = this.#tails.get(lane);
    const turn = before === undefined ? this.#limit(job) : before.then(() => this.#limit(job));
    this.#tails.set(lane, turn);
    void turn.finally(() => {
      if (this.#tails.get(lane) === turn) this.#tails.delete(lane);
    });
    return turn;
  }
}
