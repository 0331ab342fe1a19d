/** A set of places of the feed, one bit for each. */
export class Places {
  #bits = new Uint8Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  set(place: number, isIn: boolean): void {
    const [at, bit] = [place >> 3, 1 << (place & 7)];
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const byte = this.#bits[at] ?? 0;
    if (((byte & bit) !== 0) === isIn) return;
    this.#bits[at] = byte ^ bit;
    this.#size += isIn ? 1 : -1;
  }

  /** The number of places up to `upTo`. */
  countTo(upTo: number): number {
    let count = 0;
    for (const place of this.#newest(upTo)) count += place.bits;
    return count;
  }

  /** The newest places up to `upTo`. */
  find(upTo: number, offset: number, limit: number): number[] {
    const found: number[] = [];
    let skipped = 0;
    for (const { at, byte, bits } of this.#newest(upTo)) {
      if (found.length >= limit) break;
      if (skipped + bits <= offset) {
        skipped += bits;
        continue;
      }
      for (let bit = 7; bit >= 0 && found.length < limit; bit -= 1) {
        if ((byte & (1 << bit)) === 0) continue;
        if (skipped < offset) skipped += 1;
        else found.push(at * 8 + bit);
      }
    }
    return found;
  }

  /** The bytes with bits in them, from `upTo` downwards. */
  *#newest(upTo: number): Generator<{ readonly at: number; readonly byte: number; readonly bits: number }> {
    const last = Math.min(upTo >> 3, this.#bits.length - 1);
    for (let at = last; at >= 0; at -= 1) {
      const whole = this.#bits[at] ?? 0;
      const byte = at === upTo >> 3 ? whole & ((2 << (upTo & 7)) - 1) : whole;
      if (byte !== 0) yield { at, byte, bits: bitsOf(byte) };
    }
  }
}

function bitsOf(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
