import { orAborted } from "../platform/abort.ts";
import type { AgentEvent } from "./agent.ts";

/** What affects the tunnel: an event of the agent, a wake-up of the machine, or a routine check that is due. */
export type TunnelEvent = AgentEvent | "woke" | "due";

/** Queues events in order of arrival for one reader. */
export class TunnelEvents {
  #queue: TunnelEvent[] = [];
  #wake: () => void = () => {};
  #latest: TunnelEvent | undefined;

  readonly push = (event: TunnelEvent): void => {
    this.#queue.push(event);
    this.#latest = event;
    this.#wake();
  };

  /** The newest event since the last `clear`, read or not. */
  get latest(): TunnelEvent | undefined {
    return this.#latest;
  }

  clear(): void {
    this.#queue = [];
    this.#latest = undefined;
  }

  /** The oldest unread event, once there is one. Rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<TunnelEvent> {
    for (;;) {
      signal.throwIfAborted();
      const event = this.#queue.shift();
      if (event !== undefined) return event;
      await orAborted(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
    }
  }
}
