import { isMarketOpen, nextOpening } from "../../core/market-hours.ts";
import { abortOf, LinkedAbort } from "../../platform/abort.ts";
import type { Clock } from "../../platform/clock.ts";

/** `hours`: open on weekdays from 09:30 to 16:00 in New York. */
export const MARKET_MODES = ["open", "closed", "hours"] as const;
export type MarketMode = (typeof MARKET_MODES)[number];

/** When the market fills orders. Its hours are those of the clock, at any speed of the emulator. Holidays are unknown. */
export class MarketHours {
  readonly #clock: Clock;
  #mode: MarketMode;
  #changed = new LinkedAbort(undefined);

  constructor(mode: MarketMode, clock: Clock) {
    this.#mode = mode;
    this.#clock = clock;
  }

  get mode(): MarketMode {
    return this.#mode;
  }

  set mode(mode: MarketMode) {
    this.#mode = mode;
    this.#changed.abort(new Error("the market's hours have changed"));
    this.#changed = new LinkedAbort(undefined);
  }

  isOpen(): boolean {
    return this.#mode === "hours" ? isMarketOpen(this.#clock.now()) : this.#mode === "open";
  }

  /** Waits until the market is open. Rejects with the signal's reason when aborted. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    while (!this.isOpen()) {
      using wait = new LinkedAbort([signal, this.#changed.signal]);
      const now = this.#clock.now();
      const opening = this.#mode === "hours" ? this.#clock.sleep(nextOpening(now) - now, wait.signal) : undefined;
      // A change of the mode ends the wait as well.
      await (opening ?? abortOf(wait.signal)).catch(() => {});
      signal.throwIfAborted();
    }
  }
}
