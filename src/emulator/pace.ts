import type { Clock } from "../platform/clock.ts";

/** Time of the emulated API: `speed` of its seconds pass in one real second. */
export class Pace {
  readonly #clock: Clock;
  readonly #speed: number;

  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = speed;
  }

  /** Waits for `ms` of emulated time. Rejects with the signal's reason when aborted. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms / this.#speed, signal);
  }
}
