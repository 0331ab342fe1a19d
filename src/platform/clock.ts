import { setTimeout as delay } from "node:timers/promises";

/** Time as an effect, so that a test can control it. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** 24.8 days: Node's timers fire at once for longer delays. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      // Longer waits are split into several timers.
      let leftMs = ms;
      do {
        await delay(Math.min(leftMs, MAX_TIMER_MS), undefined, signal === undefined ? {} : { signal });
        leftMs -= MAX_TIMER_MS;
      } while (leftMs > 0);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
