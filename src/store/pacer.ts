import { setTimeout as delay } from "node:timers/promises";

/** How long this thread is watched at a time, once it was busy, to see whether it still is. */
const WATCH_MS = 100;
/** The share of its time from which on a thread that accepts deliveries counts as busy. */
const BUSY = 0.5;
/** How long a step then waits, as a multiple of its own duration, and at most. */
const YIELD = 39;
const MAX_YIELD_MS = 5_000;

export interface NextStep {
  /** The least time since the step before. */
  readonly minMs: number;
  /** How long the step will take. */
  readonly stepMs: () => number;
  /** False: the step may not wait for a quiet moment. */
  readonly mayYield: () => boolean;
  /** True: the step begins at once. */
  readonly isUrgent: () => boolean;
}

/**
 * Decides when the next step of work that can wait begins. While this thread is busy with accepting deliveries, such work
 * takes a fortieth of the time or less, and catches up afterwards.
 */
export class Pacer {
  readonly #acceptedCount: () => number;
  #endedAt = -Infinity;

  /** `acceptedCount` grows with each delivery that is accepted. */
  constructor(acceptedCount: () => number) {
    this.#acceptedCount = acceptedCount;
  }

  /** The step has ended now. */
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
