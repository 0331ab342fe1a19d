import type { Clock } from "../platform/clock.ts";

/** Longest delay that a Node timer keeps; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time as the emulated API lives it: `speed` of its seconds pass in each real one. */
export class Pace {
  readonly #clock: Clock;
  readonly #speed: number;

  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = speed;
  }

  /** Waits for `ms` of emulated time. Rejects with the signal's reason when aborted. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(Math.min(ms / this.#speed, MAX_TIMER_MS), signal);
  }
}
