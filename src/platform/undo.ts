/** Undo steps, run in reverse order. Each runs even if the one before it failed. */
export class UndoStack implements AsyncDisposable {
  readonly #steps: (() => PromiseLike<void> | void)[] = [];

  push(step: () => PromiseLike<void> | void): void {
    this.#steps.push(step);
  }

  /** Registers a resource to be closed at the end. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Transfers the steps to a new stack and leaves this one empty. */
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
