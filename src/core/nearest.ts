import { distance } from "fastest-levenshtein";

/** The known name with the smallest edit distance; undefined if none is known. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.toSorted((one, other) => distance(name, one) - distance(name, other))[0];
}

/** How many letters have to be added, left out or replaced to make one word the other. */
export function distanceTo(name: string, other: string): number {
  return distance(name, other);
}

/** The known name that was probably meant: different in case or by few typos. Undefined if none is near. */
export function likelyName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const nearest = nearestName(lower, known);
  if (nearest === undefined) return undefined;
  // A third of the letters, so that a short word is not mistaken for any other short one; and `gte` is a `get`.
  const isNear = distance(lower, nearest) <= Math.max(1, Math.floor(nearest.length / 3));
  return isNear || sorted(lower) === sorted(nearest) ? nearest : undefined;
}

function sorted(word: string): string {
  return word.split("").toSorted().join("");
}
