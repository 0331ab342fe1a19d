/** A map that deletes its oldest entry when it is full, so that a long-running emulator does not grow. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #capacity: number;
  readonly #onForget: ((value: Value) => void) | undefined;

  constructor(capacity: number, onForget?: (value: Value) => void) {
    super();
    this.#capacity = capacity;
    this.#onForget = onForget;
  }

  override set(key: Key, value: Value): this {
    super.set(key, value);
    if (this.size <= this.#capacity) return this;
    for (const [oldest, forgotten] of this) {
      this.delete(oldest);
      this.#onForget?.(forgotten);
      break;
    }
    return this;
  }
}
