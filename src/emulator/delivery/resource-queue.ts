import { LinkedAbort } from "../../platform/abort.ts";
import { KeyedQueue } from "../../platform/keyed-queue.ts";
import type { Background } from "../background.ts";
import type { Pace } from "../pace.ts";
import type { Chaos } from "./chaos.ts";

/** Emulated time for which an item to be reordered waits for the next one. */
const REORDER_WAIT_MS = 60_000;

interface Pending<Item> {
  readonly items: Item[];
  /** Whether the first item was overtaken, so that it is next without another reordering. */
  wasOvertaken: boolean;
  onArrival: (() => void) | undefined;
}

/** Processes the items of one resource one at a time, in order unless chaos reorders two; resources run in parallel. */
export class ResourceQueue<Item> {
  readonly #queue = new KeyedQueue();
  readonly #pending = new Map<string, Pending<Item>>();
  readonly #background: Background;
  readonly #pace: Pace;
  readonly #chaos: Chaos;
  readonly #process: (item: Item, signal: AbortSignal) => Promise<void>;

  constructor(
    parts: { readonly background: Background; readonly pace: Pace; readonly chaos: Chaos },
    process: (item: Item, signal: AbortSignal) => Promise<void>,
  ) {
    this.#background = parts.background;
    this.#pace = parts.pace;
    this.#chaos = parts.chaos;
    this.#process = process;
  }

  add(resource: string, item: Item): void {
    const pending = this.#pending.get(resource) ?? { items: [], wasOvertaken: false, onArrival: undefined };
    this.#pending.set(resource, pending);
    pending.items.push(item);
    pending.onArrival?.();
    this.#background.run((signal) =>
      this.#queue.run(resource, async () => {
        signal.throwIfAborted();
        await this.#processNext(resource, pending, signal);
      }),
    );
  }

  /** Removes the waiting items. The background's signal stops those that are being processed. */
  clear(): void {
    this.#pending.clear();
  }

  async #processNext(resource: string, pending: Pending<Item>, signal: AbortSignal): Promise<void> {
    await this.#reorder(pending, signal);
    const item = pending.items.shift();
    if (pending.items.length === 0 && this.#pending.get(resource) === pending) this.#pending.delete(resource);
    if (item !== undefined) await this.#process(item, signal);
  }

  async #reorder(pending: Pending<Item>, signal: AbortSignal): Promise<void> {
    const { items, wasOvertaken } = pending;
    pending.wasOvertaken = false;
    if (wasOvertaken || !this.#chaos.strikes("reorder")) return;
    if (items.length === 1) await this.#awaitArrival(pending, signal);
    const [first, second, ...others] = items;
    if (first === undefined || second === undefined) return;
    items.splice(0, items.length, second, first, ...others);
    pending.wasOvertaken = true;
  }

  async #awaitArrival(pending: Pending<Item>, signal: AbortSignal): Promise<void> {
    using wait = new LinkedAbort(signal);
    pending.onArrival = () => wait.abort(new Error("another item has arrived"));
    try {
      await this.#pace.sleep(REORDER_WAIT_MS, wait.signal);
    } catch {
      signal.throwIfAborted();
    } finally {
      pending.onArrival = undefined;
    }
  }
}
