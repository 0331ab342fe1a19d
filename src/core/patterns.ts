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

/** Whether any of several subscriptions matches the event. */
export function matchesAny(patterns: readonly string[], event: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, event));
}
