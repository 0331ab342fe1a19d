import type { Clock } from "../platform/clock.ts";
import type { CheckLimits } from "./limits.ts";

export interface Observation {
  readonly value: string;
  /** Whether it had come to rest when the time for that was over. */
  readonly isAtRest: boolean;
  /** How long was waited. */
  readonly waitedMs: number;
}

/**
 * Looks at the app's state. An app may answer first and work later, so that a state counts only once it has come to rest.
 * How long the app took for the changes seen so far is how long it is given for those that shall not come.
 */
export class StateWatch {
  readonly #read: () => Promise<string>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #limits: CheckLimits;
  #slowestChangeMs = 0;

  constructor(read: () => Promise<string>, clock: Clock, signal: AbortSignal, limits: CheckLimits) {
    this.#read = read;
    this.#clock = clock;
    this.#signal = signal;
    this.#limits = limits;
  }

  /** The state once it is at rest. */
  async settled(): Promise<Observation> {
    const startedAt = performance.now();
    return this.#rest(await this.#look(), startedAt);
  }

  /** Waits for a change from `before`, and for the rest after it. `null` if none came. */
  async changed(before: string): Promise<Observation | null> {
    const startedAt = performance.now();
    for (;;) {
      const value = await this.#look();
      if (value !== before) {
        this.#slowestChangeMs = Math.max(this.#slowestChangeMs, performance.now() - startedAt);
        return this.#rest(value, startedAt);
      }
      if (performance.now() - startedAt >= this.#limits.settleMs) return null;
      await this.#pause();
    }
  }

  async #rest(first: string, startedAt: number): Promise<Observation> {
    const quietMs = Math.max(this.#limits.quietMs, 2 * this.#slowestChangeMs);
    const seen = (value: string, isAtRest: boolean) => ({ value, isAtRest, waitedMs: performance.now() - startedAt });
    let value = first;
    let sinceMs = performance.now();
    for (const restFrom = sinceMs; ;) {
      if (performance.now() - sinceMs >= quietMs) return seen(value, true);
      // Whatever is not at rest by then changes by itself.
      if (performance.now() - restFrom >= this.#limits.settleMs + quietMs) return seen(value, false);
      await this.#pause();
      const next = await this.#look();
      if (next === value) continue;
      value = next;
      sinceMs = performance.now();
    }
  }

  async #look(): Promise<string> {
    this.#signal.throwIfAborted();
    return this.#read();
  }

  #pause(): Promise<void> {
    return this.#clock.sleep(this.#limits.pollMs, this.#signal);
  }
}
