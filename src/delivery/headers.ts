import type { HeaderPair } from "../core/delivery.ts";

/** Node's flat `rawHeaders` as pairs: in the order sent, with the original case and repetitions. */
export function pairHeaders(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  }
  return pairs;
}
