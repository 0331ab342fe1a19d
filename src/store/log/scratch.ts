/** The least that is allocated, so that a growing buffer is soon large enough. */
const MIN_BYTES = 64 * 1024;

/**
 * A buffer that is used again and again. Node frees the memory of a buffer only when it collects garbage, for which
 * tens of megabytes must accumulate; buffers of a whole write would be most of it.
 */
export class Scratch {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(0);

  /** Larger requests get a buffer of their own. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Uninitialized bytes, valid until the next call. */
  take(length: number): Buffer {
    if (length > this.#maxBytes) return Buffer.allocUnsafe(length);
    if (length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(MIN_BYTES, 2 * length)));
    }
    return this.#bytes.subarray(0, length);
  }
}
