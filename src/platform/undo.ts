/** Steps to take back, newest first. Each runs whatever happened to the one before it. */
export class UndoStack implements AsyncDisposable {
  readonly #steps: (() => PromiseLike<void> | void)[] = [];

  push(step: () => PromiseLike<void> | void): void {
    this.#steps.push(step);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
