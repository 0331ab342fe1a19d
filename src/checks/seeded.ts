import { createHash } from "node:crypto";

/** 32 bytes that depend only on the seed and the labels. */
export function seededBytes(seed: number, ...labels: readonly (string | number)[]): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([seed, ...labels]))
    .digest();
}

/** An id in the format of the sample: a UUID for a UUID, the same prefix for a prefix. */
export function seededId(like: string, bytes: Buffer): string {
  const hex = bytes.toString("hex");
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(like)) {
    // Version 4, variant 1: some databases reject other UUIDs.
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
  const prefix = /^[a-z]+_/i.exec(like)?.[0] ?? "";
  return prefix + hex.slice(0, 16);
}

export function seededShuffle(texts: readonly string[], seed: number, label: string): string[] {
  return texts
    .map((text) => ({ text, rank: seededBytes(seed, label, "shuffle", text).toString("hex") }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ text }) => text);
}
