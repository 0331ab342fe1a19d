import type { HeaderPair } from "../core/delivery.ts";

/** Node's flat `rawHeaders` as pairs: order, case and repetition as they were sent. */
export function pairHeaders(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  }
  return pairs;
}
