import { LinkedAbort, orAborted } from "../platform/abort.ts";

/** How long stopping waits for work that ignores its signal. */
const STOP_TIMEOUT_MS = 1_000;

/**
 * Work that continues after the response to its request: life cycles and deliveries. All of it can be stopped at
 * once.
 */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;
  #abort = new LinkedAbort(undefined);

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Starts work with a signal that stops it. Failures are reported, because no caller awaits it. */
  run(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    const settled = work(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#onError(error);
      })
      .finally(() => this.#running.delete(settled));
    this.#running.add(settled);
  }

  /** Stops the running work; new work may start afterwards. */
  restart(): void {
    this.#abort.abort(new Error("the emulator was reset"));
    this.#abort = new LinkedAbort(undefined);
  }

  /** Stops all work permanently, and waits for it for at most a second. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error("the emulator has stopped"));
    using deadline = new LinkedAbort(undefined, STOP_TIMEOUT_MS);
    await orAborted(Promise.all(this.#running), deadline.signal).catch(() => {});
  }
}
