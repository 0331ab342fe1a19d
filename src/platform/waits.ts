const SLOW_MS = 1_000;

/** Reports what a command waits for once it has waited for a second; each text only once. */
export class Waits {
  readonly #slowMs: number;
  readonly #said = new Set<string>();
  #say: (what: string) => void = () => {};

  constructor(slowMs = SLOW_MS) {
    this.#slowMs = slowMs;
  }

  /** Sets the function to call instead, with a sentence such as `Waiting for the API to answer`. */
  onSlow(say: (what: string) => void): void {
    this.#say = say;
  }

  /** Starts a wait, which ends when the returned object is disposed. */
  begin(what: string): Disposable {
    const timer = setTimeout(() => this.#report(what), this.#slowMs).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  async during<T>(what: string, work: Promise<T>): Promise<T> {
    using _wait = this.begin(what);
    return await work;
  }

  #report(what: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#say(what);
  }
}
