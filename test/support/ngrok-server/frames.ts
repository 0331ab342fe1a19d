/**
 * Muxado frames: a header of eight bytes (length of the body in 24 bits; type and flags in a nibble each; stream id in
 * 32 bits), then the body. All big-endian.
 */
export const FRAME = { reset: 0, data: 1, windowIncrement: 2, goAway: 3 } as const;
export const FLAG = { fin: 1, syn: 2 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly body: Buffer;
}

const HEADER_BYTES = 8;

export function encodeFrame({ type, flags, streamId, body }: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(body.length, 0, 3);
  header.writeUInt8(type * 16 + flags, 3);
  header.writeUInt32BE(streamId, 4);
  return Buffer.concat([header, body]);
}

/** Splits a byte stream into frames, independent of how the bytes arrive. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  *read(chunk: Buffer): Generator<Frame> {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#pending.readUIntBE(0, 3);
      if (this.#pending.length < end) return;
      const typeAndFlags = this.#pending.readUInt8(3);
      yield {
        type: Math.floor(typeAndFlags / 16),
        flags: typeAndFlags % 16,
        streamId: this.#pending.readUInt32BE(4) % 0x80000000,
        body: this.#pending.subarray(HEADER_BYTES, end),
      };
      this.#pending = this.#pending.subarray(end);
    }
  }
}

export const hasFlag = (frame: Frame, flag: number): boolean => Math.floor(frame.flags / flag) % 2 === 1;

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
