import { distance } from "fastest-levenshtein";

/** The known name that takes the fewest changes to get to; undefined if none is known. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.toSorted((one, other) => distance(name, one) - distance(name, other))[0];
}
