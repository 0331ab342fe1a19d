import { distance } from "fastest-levenshtein";

/** The known name with the smallest edit distance; undefined if none is known. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  return known.toSorted((one, other) => distance(name, one) - distance(name, other))[0];
}

/** The edit distance: how many letters must be added, removed or replaced to change one word into the other. */
export function distanceTo(name: string, other: string): number {
  return distance(name, other);
}

/** The known name that was probably meant: it differs in case or by few typos. Undefined if none is similar. */
export function likelyName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const nearest = nearestName(lower, known);
  if (nearest === undefined) return undefined;
  // At most a third of the letters may differ, so that unrelated short words do not match; `gte` still matches `get`.
  const isNear = distance(lower, nearest) <= Math.max(1, Math.floor(nearest.length / 3));
  return isNear || sorted(lower) === sorted(nearest) ? nearest : undefined;
}

function sorted(word: string): string {
  return word.split("").toSorted().join("");
}
