import { Duplex } from "node:stream";

/** Maximum bytes in flight on a stream in each direction; fixed by the protocol. */
export const WINDOW_BYTES = 262_144;
const CHUNK_BYTES = 32_768;

/** The connection of a stream to its session. */
export interface StreamLink {
  sendData(body: Buffer, isLast: boolean): void;
  sendWindowIncrement(bytes: number): void;
  sendReset(): void;
  forget(): void;
}

/** One stream of a muxado session. Never has more than the window in flight, and credits what was read. */
export class MuxStream extends Duplex {
  readonly #link: StreamLink;
  #sendWindow = WINDOW_BYTES;
  #owed = 0;
  #resume: (() => void) | undefined;
  #sentFin = false;
  #gotFin = false;

  constructor(link: StreamLink) {
    super({ allowHalfOpen: true });
    this.#link = link;
  }

  /** Bytes from the peer. */
  deliver(body: Buffer, isLast: boolean): void {
    if (body.length > 0) {
      if (this.push(body)) this.#link.sendWindowIncrement(body.length);
      else this.#owed += body.length;
    }
    if (isLast) {
      this.#gotFin = true;
      this.push(null);
    }
  }

  /** The peer has read this number of bytes. */
  widen(bytes: number): void {
    this.#sendWindow += bytes;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _read(): void {
    if (this.#owed === 0) return;
    this.#link.sendWindowIncrement(this.#owed);
    this.#owed = 0;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sendAll(chunk, done);
  }

  #sendAll(bytes: Buffer, done: () => void): void {
    let rest = bytes;
    while (rest.length > 0) {
      const part = rest.subarray(0, Math.min(rest.length, CHUNK_BYTES, this.#sendWindow));
      if (part.length === 0) {
        const later = rest;
        this.#resume = () => this.#sendAll(later, done);
        return;
      }
      this.#sendWindow -= part.length;
      this.#link.sendData(part, false);
      rest = rest.subarray(part.length);
    }
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sentFin = true;
    this.#link.sendData(Buffer.alloc(0), true);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#sentFin || !this.#gotFin) this.#link.sendReset();
    this.#link.forget();
    done(error);
  }

  // Methods that node:http expects of a socket in addition to a Duplex.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
