import { setTimeout as delay } from "node:timers/promises";

/** How long this thread is measured again after it was busy. */
const WATCH_MS = 100;
/** The share of its time from which a thread that accepts deliveries counts as busy. */
const BUSY = 0.5;
/** How long a step then waits, as a multiple of its own duration, and at most. */
const YIELD = 39;
const MAX_YIELD_MS = 5_000;

export interface NextStep {
  /** The minimum time since the previous step. */
  readonly minMs: number;
  /** The expected duration of the step. */
  readonly stepMs: () => number;
  /** False: the step must not wait until the thread is idle. */
  readonly mayYield: () => boolean;
  /** True: the step starts at once. */
  readonly isUrgent: () => boolean;
}

/**
 * Decides when the next step of deferrable work starts. While this thread is busy accepting deliveries, such work
 * uses a fortieth of the time or less, and catches up afterwards.
 */
export class Pacer {
  readonly #acceptedCount: () => number;
  #endedAt = -Infinity;

  /** `acceptedCount` increases with each delivery that is accepted. */
  constructor(acceptedCount: () => number) {
    this.#acceptedCount = acceptedCount;
  }

  /** Records that the step has ended. */
  ended(): void {
    this.#endedAt = performance.now();
  }

  async untilNext({ minMs, stepMs, mayYield, isUrgent }: NextStep): Promise<void> {
    const restMs = (pauseMs: number) => this.#endedAt + pauseMs - performance.now();
    for (let waitMs = restMs(minMs); waitMs > 0;) {
      if (isUrgent()) return;
      const [before, accepted] = [performance.eventLoopUtilization(), this.#acceptedCount()];
      await delay(waitMs);
      const { utilization } = performance.eventLoopUtilization(before);
      const isAccepting = this.#acceptedCount() > accepted && utilization > BUSY;
      waitMs = isAccepting && mayYield() ? Math.min(WATCH_MS, restMs(Math.min(MAX_YIELD_MS, YIELD * stepMs()))) : 0;
    }
  }
}
