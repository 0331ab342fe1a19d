/** Steps to undo, newest first. Each runs even if the one before it failed. */
export class UndoStack implements AsyncDisposable {
  readonly #steps: (() => PromiseLike<void> | void)[] = [];

  push(step: () => PromiseLike<void> | void): void {
    this.#steps.push(step);
  }

  /** Closes this at the end. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** The steps, which somebody else takes back now: none is left here. */
  move(): UndoStack {
    const moved = new UndoStack();
    moved.#steps.push(...this.#steps.splice(0));
    return moved;
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
