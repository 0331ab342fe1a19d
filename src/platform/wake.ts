import { onAbort } from "./abort.ts";

/** Lets a loop sleep until something happens. What happens while nobody sleeps is not lost. */
export class Wake {
  #isDue = false;
  #wake = () => {};

  set(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** Resolves once it is set, after the time, or when the signal aborts; at once if it was set before. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#isDue) {
      let timer: NodeJS.Timeout | undefined;
      const isAwake = new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, ms);
      });
      const listener = onAbort(signal, () => this.#wake());
      await isAwake;
      clearTimeout(timer);
      listener[Symbol.dispose]();
    }
    this.#isDue = false;
  }
}
