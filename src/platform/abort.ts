import { setMaxListeners } from "node:events";
import { spellDuration } from "../core/duration.ts";

/** Calls back once when the signal aborts, or at once if it already has. Disposing removes the listener. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): Disposable {
  if (signal?.aborted === true) callback();
  else signal?.addEventListener("abort", callback, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", callback) };
}

/**
 * A signal that aborts with one of several parents, on request, or after a time limit. It must be disposed: a
 * long-lived parent would otherwise collect listeners, and the timer would keep the process alive.
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #following: readonly Disposable[];
  readonly #timer: NodeJS.Timeout | undefined;
  #isTimedOut = false;

  constructor(parents: AbortSignal | readonly AbortSignal[] | undefined, timeoutMs?: number) {
    // Any number of requests may listen to it at once.
    setMaxListeners(0, this.#controller.signal);
    this.#following = [parents ?? []]
      .flat()
      .map((parent) => onAbort(parent, () => this.#controller.abort(parent.reason)));
    if (timeoutMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.#isTimedOut = !this.signal.aborted;
      this.abort(new Error(`timed out after ${spellDuration(timeoutMs)}`));
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time limit aborted it, and not the parent. */
  get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  abort(reason?: Error): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const listener of this.#following) listener[Symbol.dispose]();
  }
}

/** Settles with the promise, or rejects with the signal's reason if that comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const listener = onAbort(signal, () => reject(signal.reason as Error));
    promise.then(resolve, reject).finally(() => listener[Symbol.dispose]());
  });
}

/** Resolves when the signal aborts. */
export function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, () => resolve()));
}
