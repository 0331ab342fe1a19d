import { EVENT_TYPES } from "./events.ts";
import { distanceTo, nearestName } from "./nearest.ts";
import { matchesPattern } from "./patterns.ts";

/**
 * Names that only some editions of Bluum's documentation list in addition to `EVENT_TYPES`, and domains whose names
 * they do not list.
 */
const FURTHER_NAMES = ["deposit.completed", "withdrawal.completed", "kyc.verification.approved"];
const OPEN_DOMAINS = ["kyc.", "compliance."];

const KNOWN_NAMES: readonly string[] = [...Object.keys(EVENT_TYPES), ...FURTHER_NAMES];

/** `order.*` for every prefix that several names share. */
export function eventPatterns(names: readonly string[]): string[] {
  const beginnings = names.flatMap((name) => {
    const parts = name.split(".").slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join("."));
  });
  return [...new Set(beginnings)].map((beginning) => `${beginning}.*`);
}

/** Whether a name or pattern matches a known event, built in or from `names`. */
export function isKnownEvent(pattern: string, names: readonly string[] = KNOWN_NAMES): boolean {
  if (OPEN_DOMAINS.some((domain) => pattern.startsWith(domain))) return true;
  return names.some((name) => matchesPattern(pattern, name));
}

/** The warning for a name or pattern that matches no known event. The set is open, so it is not an error. */
export function unknownEvent(
  pattern: string,
  { names = KNOWN_NAMES, source }: { readonly names?: readonly string[]; readonly source: string },
): { readonly code: "unknown_event"; readonly message: string; readonly hint: string } {
  const nearest = nearestName(pattern.toLowerCase(), alike(pattern, names));
  const did = nearest === undefined ? "" : `Did you mean ${nearest}? `;
  return {
    code: "unknown_event",
    message: `${pattern} matches no event that ${source}`,
    hint: `${did}See bluum-hooks event-types.`,
  };
}

/** The known name or pattern that was probably meant: it differs in letter case or by one or two letters. */
export function misspelledEvent(pattern: string): string | undefined {
  if (isKnownEvent(pattern)) return undefined;
  const lower = pattern.toLowerCase();
  const names = pattern.includes("*") ? [...KNOWN_NAMES, ...OPEN_DOMAINS.map((domain) => `${domain}…`)] : KNOWN_NAMES;
  const nearest = nearestName(lower, alike(pattern, names));
  return nearest !== undefined && distanceTo(nearest, lower) <= 2 ? nearest : undefined;
}

/** Patterns for a pattern, names for a name. */
function alike(pattern: string, names: readonly string[]): readonly string[] {
  return pattern.includes("*") ? eventPatterns(names) : names;
}
