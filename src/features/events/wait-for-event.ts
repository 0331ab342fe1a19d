import type { StoredDelivery } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import { meansEvent } from "../../core/events.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../store/store.ts";

export interface Expectation {
  /** The resource whose events to wait for. */
  readonly resourceId: string;
  /** Unix time in milliseconds; earlier deliveries are ignored. */
  readonly sinceMs: number;
  /** Event names or patterns that must all be received. */
  readonly wanted: readonly string[];
  /** Event names that fail the wait, unless they are wanted. */
  readonly failing: readonly string[];
  /** Ends with the last wanted event: later events are not examined. */
  readonly leavesRest?: boolean;
  readonly timeoutMs: number;
}

const POLL_MS = 50;

/** The listener is another process: its clock may be slightly behind. */
export const CLOCK_SLACK_MS = 1_000;

/**
 * Waits until the events of a resource are in the store, which another process may write. Each distinct event is
 * reported once, in order of receipt. Throws `event_failed` if a failing one is among them, even if all wanted ones
 * are too, and `timed_out` when the time limit passes.
 */
export async function waitForEvents(
  expected: Expectation,
  deps: { readonly store: Pick<Store, "list">; readonly clock: Clock; readonly signal: AbortSignal },
  onEvent: (delivery: StoredDelivery) => void,
): Promise<void> {
  const missing = new Set(expected.wanted);
  const seen = new Set<string>();
  const giveUpAt = deps.clock.now() + expected.timeoutMs;
  for (;;) {
    const arrived = await deps.store.list({
      resourceId: expected.resourceId,
      sinceMs: expected.sinceMs,
      recurrence: "first",
      order: "oldest",
      limit: 1000,
    });
    for (const delivery of arrived) {
      if (seen.has(delivery.id)) continue;
      seen.add(delivery.id);
      onEvent(delivery);
      const event = delivery.event ?? "";
      for (const pattern of missing) if (meansEvent(pattern, event)) missing.delete(pattern);
      if (isAny(expected.failing, event) && !isAny(expected.wanted, event)) {
        throw new AppError("event_failed", `${event} arrived for ${expected.resourceId}`, {
          hint: `Show the delivery with: bluum-hooks events show ${delivery.id}`,
        });
      }
      if (missing.size === 0 && expected.leavesRest === true) return;
    }
    if (missing.size === 0) return;
    if (deps.clock.now() >= giveUpAt) throw timedOut(expected, [...missing]);
    await deps.clock.sleep(POLL_MS, deps.signal);
  }
}

function isAny(patterns: readonly string[], event: string): boolean {
  return patterns.some((pattern) => meansEvent(pattern, event));
}

function timedOut(expected: Expectation, missing: readonly string[]): AppError {
  return new AppError(
    "timed_out",
    `${missing.join(" and ")} did not arrive for ${expected.resourceId} within ${expected.timeoutMs / 1000} s`,
    {
      hint: "Check that bluum-hooks listen is running for this environment. List the deliveries with: bluum-hooks events list",
    },
  );
}
