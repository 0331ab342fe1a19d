import type { Clock } from "../platform/clock.ts";
import { Refusal } from "./refusal.ts";

const WINDOW_MS = 1_000;

/** Allows each key this number of requests in any second. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, "now">;
  readonly #sentAt = new Map<string, number[]>();

  constructor(perSecond: number, clock: Pick<Clock, "now">) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Counts a request of this key, or throws the refusal with the time to wait. */
  admit(apiKey: string): void {
    const now = this.#clock.now();
    const recent = (this.#sentAt.get(apiKey) ?? []).filter((at) => at > now - WINDOW_MS);
    this.#sentAt.set(apiKey, recent);
    if (recent.length >= this.#perSecond) {
      const message = `More than ${this.#perSecond} requests in a second.`;
      throw new Refusal("429-001", { message, retryAfterSeconds: 1 });
    }
    recent.push(now);
  }
}
