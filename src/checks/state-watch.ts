import type { Clock } from "../platform/clock.ts";
import type { CheckLimits } from "./check-options.ts";

export interface Observation {
  readonly value: string;
  /** Whether it had settled within the time limit. */
  readonly isAtRest: boolean;
  /** How long the wait took, in milliseconds. */
  readonly waitedMs: number;
}

export interface Change extends Observation {
  readonly isChanged: boolean;
}

/** An app that processes a queue changes the state once in the time that one change takes. */
const QUIET_FACTOR = 3;
const RESTLESS: Observation = { value: "", isAtRest: false, waitedMs: 0 };

/**
 * Observes the app's state. An app may answer first and process later, so a state counts only once it has settled.
 * The time that the app needed for earlier changes determines how long to wait for changes that must not happen.
 */
export class StateWatch {
  readonly #read: (signal: AbortSignal) => Promise<string>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #limits: CheckLimits;
  #slowestChangeMs = 0;
  #isRestless = false;

  constructor(read: (signal: AbortSignal) => Promise<string>, clock: Clock, signal: AbortSignal, limits: CheckLimits) {
    this.#read = read;
    this.#clock = clock;
    this.#signal = signal;
    this.#limits = limits;
  }

  /**
   * Checks that the state does not change by itself, and measures from the requests of `act` how long the app needs.
   * Call it before any check reads the state: work left by earlier checks would be attributed to later ones.
   */
  async calibrate(act: () => Promise<unknown>): Promise<void> {
    const idle = await this.#rest(await this.#look(), performance.now(), this.#limits.idleMs);
    this.#isRestless = !idle.isAtRest;
    if (this.#isRestless) return;
    await act();
    await this.changed(idle.value);
  }

  /** The state once it has settled. */
  async settled(): Promise<Observation> {
    const startedAt = performance.now();
    if (this.#isRestless) return RESTLESS;
    return this.#rest(await this.#look(), startedAt);
  }

  /** Waits for a change from `before`, and then until the state has settled. */
  async changed(before: string): Promise<Change> {
    const startedAt = performance.now();
    if (this.#isRestless) return { ...RESTLESS, isChanged: false };
    for (;;) {
      const value = await this.#look();
      if (value !== before) {
        this.#slowestChangeMs = Math.max(this.#slowestChangeMs, performance.now() - startedAt);
        return { ...(await this.#rest(value, startedAt)), isChanged: true };
      }
      const waitedMs = performance.now() - startedAt;
      if (waitedMs >= this.#timeoutMs()) return { value, isAtRest: true, isChanged: false, waitedMs };
      await this.#pause();
    }
  }

  /** Once the app's pace is known, the limit is a multiple of it. */
  #timeoutMs(): number {
    const { settleMs, quietMs } = this.#limits;
    if (this.#slowestChangeMs === 0) return settleMs;
    return Math.min(settleMs, Math.max(4 * quietMs, 20 * this.#slowestChangeMs));
  }

  async #rest(first: string, startedAt: number, leastMs = this.#limits.quietMs): Promise<Observation> {
    const quietMs = Math.max(leastMs, QUIET_FACTOR * this.#slowestChangeMs);
    const seen = (value: string, isAtRest: boolean) => ({ value, isAtRest, waitedMs: performance.now() - startedAt });
    let value = first;
    let sinceMs = performance.now();
    for (const restFrom = sinceMs; ;) {
      if (performance.now() - sinceMs >= quietMs) return seen(value, true);
      // A state that has not settled by then changes by itself.
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
    return this.#read(this.#signal);
  }

  #pause(): Promise<void> {
    return this.#clock.sleep(this.#limits.pollMs, this.#signal);
  }
}
