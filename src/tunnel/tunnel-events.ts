import { orAborted } from "../platform/abort.ts";
import type { AgentSign } from "./agent.ts";

/** What may mean something for the tunnel: an agent's signs, the machine waking up, and the time for a routine check. */
export type Sign = AgentSign | "woke" | "due";

/** Signs in the order they came, for the one who waits for them. */
export class Signs {
  #queue: Sign[] = [];
  #wake: () => void = () => {};
  #latest: Sign | undefined;

  readonly push = (sign: Sign): void => {
    this.#queue.push(sign);
    this.#latest = sign;
    this.#wake();
  };

  /** The newest sign since the last `clear`, read or not. */
  get latest(): Sign | undefined {
    return this.#latest;
  }

  clear(): void {
    this.#queue = [];
    this.#latest = undefined;
  }

  /** The oldest unread sign, as soon as there is one. Rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<Sign> {
    for (;;) {
      signal.throwIfAborted();
      const sign = this.#queue.shift();
      if (sign !== undefined) return sign;
      await orAborted(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
    }
  }
}
