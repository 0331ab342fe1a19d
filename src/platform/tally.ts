/** Counts what is under way, and holds nothing of it. */
export class Tally {
  #count = 0;
  readonly #watchers: (() => void)[] = [];

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) for (const resolve of this.#watchers.splice(0)) resolve();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }
}
