import type { AppError } from "../core/errors.ts";

interface Write {
  readonly work: () => void;
  readonly committed: () => void;
  /** Absent for a write that nobody waits for: it is tried again with the next group. */
  readonly failed?: (error: AppError) => void;
}

export interface GroupCommitOptions {
  /** Runs the work in one durable transaction, or throws with none of it done. */
  readonly transaction: (work: () => void) => void;
  readonly failure: (error: unknown) => AppError;
}

/** Beyond this the oldest writes that nobody waits for are dropped, so that a full disk does not fill the memory. */
const MAX_KEPT = 10_000;
const MAX_GROUP = 256;

/**
 * Many writes, one commit: a commit costs a flush of the disk whatever it holds. A group gathers for as long as the
 * event loop keeps bringing more, so a lone write waits for one turn and a burst shares one flush.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiting: Write[] = [];
  #isArmed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Resolves with what `work` returned once its group is on the disk. Rejects with the whole group. */
  add<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#push({
        work: () => (result = work()),
        committed: () => resolve(result),
        failed: reject,
      });
    });
  }

  /** Adds a write that nobody waits for. It outlives the failure of its group. */
  addUnattended(work: () => void): void {
    this.#push({ work, committed: () => {} });
  }

  /** Resolves once all that was added before is on the disk. */
  async flush(): Promise<void> {
    if (this.#waiting.length > 0) await this.add(() => {});
  }

  #push(write: Write): void {
    this.#waiting.push(write);
    if (!this.#isArmed) this.#arm(() => this.#gather(0));
  }

  #arm(step: () => void): void {
    this.#isArmed = true;
    setImmediate(step);
  }

  #gather(countBefore: number): void {
    const count = this.#waiting.length;
    if (count > countBefore && count < MAX_GROUP) this.#arm(() => this.#gather(count));
    else this.#commit();
  }

  #commit(): void {
    this.#isArmed = false;
    const group = this.#waiting.splice(0, MAX_GROUP);
    try {
      this.#options.transaction(() => {
        for (const write of group) write.work();
      });
    } catch (error) {
      return this.#fail([...group, ...this.#waiting], this.#options.failure(error));
    }
    for (const write of group) write.committed();
    if (this.#waiting.length > 0) this.#arm(() => this.#commit());
  }

  /**
   * Fails all that wait, also for a later group: a disk that is full would refuse them next. What nobody waits for goes
   * with the next write, rather than round and round by itself.
   */
  #fail(writes: readonly Write[], failure: AppError): void {
    this.#waiting = writes.filter((write) => write.failed === undefined).slice(-MAX_KEPT);
    for (const write of writes) write.failed?.(failure);
  }
}
