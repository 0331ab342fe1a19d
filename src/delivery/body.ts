import type { IncomingMessage } from "node:http";

export type BodyOutcome =
  { readonly kind: "complete"; readonly bytes: Buffer } | { readonly kind: "too-large" } | { readonly kind: "aborted" };

/** Smaller chunks are copied into blocks: a body received byte by byte would otherwise need far more memory. */
const SMALL_BYTES = 2 * 1024;
const BLOCK_BYTES = 8 * 1024;

/** The body of a request. */
export class Body {
  readonly #request: IncomingMessage;
  #pieces: Buffer[] = [];
  #block: Buffer | undefined;
  #filled = 0;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  /**
   * Reads up to a limit and stops there. Never rejects. `onGrown` gets the number of bytes received, and the
   * additional memory that they occupy.
   */
  read(maxBytes: number, onGrown: (bytes: number, memoryBytes: number) => void): Promise<BodyOutcome> {
    const request = this.#request;
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > maxBytes) return Promise.resolve({ kind: "too-large" });
    return new Promise((resolve) => {
      let size = 0;
      request.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBytes) return onGrown(chunk.length, this.#add(chunk));
        this.drop();
        resolve({ kind: "too-large" });
      });
      // The first of these events determines the result.
      request.on("end", () => resolve({ kind: "complete", bytes: this.#join() }));
      request.on("error", () => resolve({ kind: "aborted" }));
      request.on("close", () => {
        if (!request.complete) this.drop();
        resolve({ kind: "aborted" });
      });
    });
  }

  /** Stops reading and discards what was read. */
  drop(): void {
    this.#request.removeAllListeners("data").pause();
    this.#pieces = [];
    this.#block = undefined;
  }

  #add(chunk: Buffer): number {
    if (chunk.length >= SMALL_BYTES || this.#pieces.length === 0) {
      this.#endBlock();
      this.#pieces.push(chunk);
      return chunk.length;
    }
    const isFull = this.#block === undefined || this.#filled + chunk.length > BLOCK_BYTES;
    if (isFull) {
      this.#endBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    this.#filled += chunk.copy(this.#block as Buffer, this.#filled);
    return isFull ? BLOCK_BYTES : 0;
  }

  #endBlock(): void {
    if (this.#block !== undefined) this.#pieces.push(this.#block.subarray(0, this.#filled));
    this.#block = undefined;
    this.#filled = 0;
  }

  #join(): Buffer {
    this.#endBlock();
    const [only] = this.#pieces;
    return this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
  }
}
