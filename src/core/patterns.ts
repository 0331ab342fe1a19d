/**
 * Whether an event name is meant by a subscription such as `order.*`, `*` or `order.filled`. A star stands for one or
 * more name parts, so `transfer.*` covers `transfer.deposit.completed`.
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

/** Whether any of several subscriptions covers the event. */
export function matchesAny(patterns: readonly string[], event: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, event));
}
