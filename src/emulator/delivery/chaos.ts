export const CHAOS_KINDS = ["duplicate", "reorder", "delay", "drop"] as const;

/**
 * `duplicate`: delivered again after a 2xx. `reorder`: two events of one resource are swapped. `delay`: the first
 * attempt is late. `drop`: the first attempt is lost, so the event is delivered as a retry.
 */
export type ChaosKind = (typeof CHAOS_KINDS)[number];

const LIKELIHOOD: Readonly<Record<ChaosKind, number>> = { duplicate: 0.3, reorder: 0.3, delay: 0.3, drop: 0.15 };

/** Longest delay, in emulated time. */
const MAX_DELAY_MS = 60_000;

/** Selects deliveries at random. `random` returns numbers from 0 up to, but not including, 1. */
export class Chaos {
  readonly #kinds: ReadonlySet<ChaosKind>;
  readonly #random: () => number;

  constructor(kinds: readonly ChaosKind[], random: () => number) {
    this.#kinds = new Set(kinds);
    this.#random = random;
  }

  strikes(kind: ChaosKind): boolean {
    return this.#kinds.has(kind) && this.#random() < LIKELIHOOD[kind];
  }

  delayMs(): number {
    return this.#random() * MAX_DELAY_MS;
  }
}
