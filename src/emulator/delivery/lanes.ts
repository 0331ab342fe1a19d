import type { Background } from "../background.ts";
import { LinkedAbort } from "../linked-abort.ts";
import type { Pace } from "../pace.ts";
import type { Chaos } from "./chaos.ts";

/** Emulated time for which a reordered item waits for the one that is to overtake it. */
const OVERTAKING_MS = 60_000;

interface Lane<Item> {
  readonly waiting: Item[];
  /** Whether the item in front was overtaken, so that it goes next whatever happens. */
  wasOvertaken: boolean;
  onArrival: (() => void) | undefined;
}

/** Items of one lane take their turn one after the other; lanes run side by side. */
export class Lanes<Item> {
  readonly #lanes = new Map<string, Lane<Item>>();
  readonly #background: Background;
  readonly #pace: Pace;
  readonly #chaos: Chaos;
  readonly #takeTurn: (item: Item, signal: AbortSignal) => Promise<void>;

  constructor(
    parts: { readonly background: Background; readonly pace: Pace; readonly chaos: Chaos },
    takeTurn: (item: Item, signal: AbortSignal) => Promise<void>,
  ) {
    this.#background = parts.background;
    this.#pace = parts.pace;
    this.#chaos = parts.chaos;
    this.#takeTurn = takeTurn;
  }

  enter(key: string, item: Item): void {
    const busy = this.#lanes.get(key);
    if (busy !== undefined) {
      busy.waiting.push(item);
      busy.onArrival?.();
      return;
    }
    const lane: Lane<Item> = { waiting: [item], wasOvertaken: false, onArrival: undefined };
    this.#lanes.set(key, lane);
    this.#background.run((signal) => this.#drain(key, lane, signal));
  }

  /** Forgets who waits. What is in its turn is stopped by the background's signal. */
  clear(): void {
    this.#lanes.clear();
  }

  async #drain(key: string, lane: Lane<Item>, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#reorder(lane, signal);
      const item = lane.waiting.shift();
      if (item === undefined) {
        // In the same tick as the look at the queue, or an item that arrives in between would wait for ever.
        if (this.#lanes.get(key) === lane) this.#lanes.delete(key);
        return;
      }
      await this.#takeTurn(item, signal);
    }
  }

  async #reorder(lane: Lane<Item>, signal: AbortSignal): Promise<void> {
    const isItsTurn = lane.wasOvertaken;
    lane.wasOvertaken = false;
    if (isItsTurn || lane.waiting.length === 0 || !this.#chaos.strikes("reorder")) return;
    if (lane.waiting.length === 1) await this.#awaitArrival(lane, signal);
    const [first, second, ...others] = lane.waiting;
    if (first === undefined || second === undefined) return;
    lane.waiting.splice(0, lane.waiting.length, second, first, ...others);
    lane.wasOvertaken = true;
  }

  async #awaitArrival(lane: Lane<Item>, signal: AbortSignal): Promise<void> {
    using wait = new LinkedAbort(signal);
    lane.onArrival = () => wait.abort(new Error("another item has arrived"));
    try {
      await this.#pace.sleep(OVERTAKING_MS, wait.signal);
    } catch {
      signal.throwIfAborted();
    } finally {
      lane.onArrival = undefined;
    }
  }
}
