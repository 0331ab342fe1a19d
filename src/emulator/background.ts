import { setMaxListeners } from "node:events";

/** Longest time that stopping waits for work that does not heed its signal. */
const STOP_PATIENCE_MS = 1_000;

/** Work that outlives the request that caused it: life cycles and deliveries. All of it can be stopped at once. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;
  #controller = newController();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Starts work with the signal that stops it. Its failure is reported, never thrown: nobody waits for it. */
  run(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#controller;
    if (signal.aborted) return;
    const settled = work(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#onError(error);
      })
      .finally(() => this.#running.delete(settled));
    this.#running.add(settled);
  }

  /** Stops what runs; new work may start afterwards. */
  restart(): void {
    this.#controller.abort(new Error("the emulator was reset"));
    this.#controller = newController();
  }

  /** Stops what runs, for good, and waits for it, but for no longer than a second. */
  async stop(): Promise<void> {
    this.#controller.abort(new Error("the emulator has stopped"));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_PATIENCE_MS);
    });
    await Promise.race([Promise.all(this.#running), patience]);
    clearTimeout(timer);
  }
}

function newController(): AbortController {
  const controller = new AbortController();
  // Every piece of work listens to the one signal; that is no leak.
  setMaxListeners(0, controller.signal);
  return controller;
}
