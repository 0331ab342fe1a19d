import { abortOf, LinkedAbort } from "../../platform/abort.ts";
import type { Clock } from "../../platform/clock.ts";

/** `hours`: open on weekdays from 09:30 to 16:00 in New York. */
export const MARKET_MODES = ["open", "closed", "hours"] as const;
export type MarketMode = (typeof MARKET_MODES)[number];

const OPENS_AT = "09:30";
const CLOSES_AT = "16:00";
const DAY_MS = 24 * 60 * 60_000;
/** 09:30 in New York, in summer and in winter; the date is the same in UTC. */
const OPENINGS_UTC = ["13:30", "14:30"];

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
    return this.#mode === "hours" ? isInHours(this.#clock.now()) : this.#mode === "open";
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

const NEW_YORK = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function isInHours(at: number): boolean {
  const { weekday, time } = inNewYork(at);
  return weekday !== "Sat" && weekday !== "Sun" && time >= OPENS_AT && time < CLOSES_AT;
}

/** The time of the next opening, later than `now`: both in Unix milliseconds. */
function nextOpening(now: number): number {
  for (let day = 0; ; day += 1) {
    const date = new Date(now + day * DAY_MS).toISOString().slice(0, 10);
    const opening = OPENINGS_UTC.map((time) => Date.parse(`${date}T${time}:00Z`)).find(
      (at) => at > now && isInHours(at) && inNewYork(at).time === OPENS_AT,
    );
    if (opening !== undefined) return opening;
  }
}

function inNewYork(at: number): { readonly weekday: string; readonly time: string } {
  const parts = new Map(NEW_YORK.formatToParts(at).map(({ type, value }) => [type, value]));
  return { weekday: parts.get("weekday") ?? "", time: `${parts.get("hour")}:${parts.get("minute")}` };
}
