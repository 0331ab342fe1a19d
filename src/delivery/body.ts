import type { IncomingMessage } from "node:http";

export type BodyOutcome = "complete" | "too-large" | "aborted";

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
   * Reads up to a limit and stops there; `take` returns a complete body. Never rejects. `onGrown` gets the number of
   * bytes received, and the additional memory that they occupy.
   */
  read(maxBytes: number, onGrown: (bytes: number, memoryBytes: number) => void): Promise<BodyOutcome> {
    const request = this.#request;
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > maxBytes) return Promise.resolve("too-large");
    return new Promise((resolve) => {
      let size = 0;
      request.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBytes) return onGrown(chunk.length, this.#add(chunk));
        this.drop();
        resolve("too-large");
      });
      // The first of these events determines the result.
      request.on("end", () => resolve("complete"));
      request.on("error", () => resolve("aborted"));
      request.on("close", () => {
        if (!request.complete) this.drop();
        resolve("aborted");
      });
    });
  }

  /** Returns the bytes, once. The request lives until its response, but does not keep them. */
  take(): Buffer {
    this.#endBlock();
    const pieces = this.#pieces;
    this.#pieces = [];
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
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
}
