/** Counts the operations in flight; it holds no reference to them. */
export class InFlight {
  #count = 0;
  readonly #watchers: (() => void)[] = [];

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) for (const resolve of this.#watchers.splice(0)) resolve();
  }

  /** Resolves when no operation is in flight. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }
}
