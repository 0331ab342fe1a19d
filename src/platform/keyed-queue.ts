/** Counts the operations in flight; it holds no reference to them. */
export class InFlight {
  #count = 0;
  readonly #watchers: (() => void)[] = [];

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) for (const resolve of this.#watchers.splice(0)) resolve();
  }

  /** Resolves when no operation is in flight. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }
}

/**
 * Runs jobs with the same key one at a time, in the order of arrival, and jobs with different keys in parallel, up to
 * the concurrency limit. A job that need not wait starts before `run` returns: waiting for the next turn of the event
 * loop would take longer than all other work on a delivery.
 */
export class KeyedQueue {
  /**
   * The jobs that wait behind the running job of each key. V8 keeps old tables of a Map that changes often, so no
   * job, promise or result may be reachable from here: that reduced the forwarding rate by a sixth.
   */
  readonly #waitingForKey = new Map<string, (() => void)[]>();
  /** Jobs that wait only because of the concurrency limit. */
  readonly #waitingForSlot: (() => void)[] = [];
  readonly #unfinished = new InFlight();
  #freeSlots: number;

  constructor(concurrency = Number.POSITIVE_INFINITY) {
    this.#freeSlots = concurrency;
  }

  /** Settles with the job. A job without a key waits only for the concurrency limit. */
  run<Result>(key: string | null, job: () => Promise<Result>): Promise<Result> {
    this.#unfinished.begin();
    const waiting = key === null ? undefined : this.#waitingForKey.get(key);
    if (waiting !== undefined) {
      return new Promise((resolve) => waiting.push(() => resolve(this.#awaitSlot(key, job))));
    }
    if (key !== null) this.#waitingForKey.set(key, []);
    return this.#awaitSlot(key, job);
  }

  /** Resolves when no job runs or waits. */
  idle(): Promise<void> {
    return this.#unfinished.idle();
  }

  #awaitSlot<Result>(key: string | null, job: () => Promise<Result>): Promise<Result> {
    if (this.#freeSlots > 0) return this.#start(key, job);
    return new Promise((resolve) => this.#waitingForSlot.push(() => resolve(this.#start(key, job))));
  }

  #start<Result>(key: string | null, job: () => Promise<Result>): Promise<Result> {
    this.#freeSlots -= 1;
    const work = job();
    const onEnd = () => this.#end(key);
    void work.then(onEnd, onEnd);
    return work;
  }

  #end(key: string | null): void {
    this.#freeSlots += 1;
    this.#waitingForSlot.shift()?.();
    if (key !== null) {
      const next = this.#waitingForKey.get(key)?.shift();
      if (next === undefined) this.#waitingForKey.delete(key);
      else next();
    }
    this.#unfinished.end();
  }
}
