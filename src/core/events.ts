import { distanceTo, nearestName } from "./nearest.ts";
import type { Warning } from "./errors.ts";

/** Event names that Bluum documents. The set is open: an unknown name is valid input. */
export const EVENT_TYPES = {
  "account.created": "An investor account was created",
  "account.updated": "An investor account changed",
  "order.accepted": "An order was accepted for execution",
  "order.filled": "An order was filled completely",
  "order.partially_filled": "A part of an order was filled",
  "order.canceled": "An order was canceled",
  "order.rejected": "An order was rejected",
  "transfer.deposit.initiated": "A deposit was started",
  "transfer.deposit.completed": "A deposit arrived",
  "transfer.deposit.failed": "A deposit failed",
  "transfer.withdrawal.initiated": "A withdrawal was started",
  "transfer.withdrawal.completed": "A withdrawal was paid out",
  "transfer.withdrawal.failed": "A withdrawal failed",
  "document.approved": "A document passed verification",
  "document.rejected": "A document failed verification",
} as const satisfies Record<string, string>;

export type EventName = keyof typeof EVENT_TYPES;

/**
 * Whether a subscription such as `order.*`, `*` or `order.filled` matches an event name. A star stands for one or
 * more name parts, so `transfer.*` matches `transfer.deposit.completed`.
 */
export function matchesPattern(pattern: string, event: string): boolean {
  if (pattern === "*" || pattern === event) return true;
  if (!pattern.includes("*")) return false;
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".+");
  return new RegExp(`^${source}$`).test(event);
}

/** Whether a name or pattern that a user awaits or searches means the event, in any edition of the API. */
export function meansEvent(pattern: string, event: string): boolean {
  return matchesPattern(pattern, event) || matchesPattern(fullName(pattern), fullName(event));
}

/** The name with the prefix of transfers, which one edition of the API leaves out. */
function fullName(event: string): string {
  return /^(deposit|withdrawal)\./.test(event) ? `transfer.${event}` : event;
}

/** Whether any of several subscriptions matches the event. */
export function matchesAny(patterns: readonly string[], event: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, event));
}

/** The names that every edition's catalogue has. */
export const CATALOGUE: readonly string[] = Object.keys(EVENT_TYPES);

/** Names that only some editions of Bluum's documentation list, and domains whose names they do not list. */
const FURTHER_NAMES = ["deposit.completed", "withdrawal.completed", "kyc.verification.approved"];
const OPEN_DOMAINS = ["kyc.", "compliance."];

const KNOWN_NAMES: readonly string[] = [...CATALOGUE, ...FURTHER_NAMES];

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
): Warning {
  const others = alike(pattern, names);
  const sameEvent = others.find((name) => fullName(name) === fullName(pattern));
  const nearest = sameEvent ?? nearestName(pattern.toLowerCase(), others);
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
