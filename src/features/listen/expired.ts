import { localTime } from "../../core/local-time.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../store/store.ts";

/**
 * Deletes deliveries that exceed the retention, in milliseconds, and publishes what was deleted, or why nothing was.
 */
export async function deleteExpired(
  retentionMs: number,
  { store, clock }: { readonly store: Pick<Store, "applyRetention">; readonly clock: Pick<Clock, "now"> },
  bus: Pick<FactBus, "publish">,
): Promise<void> {
  const retained = await store.applyRetention(clock.now(), retentionMs);
  if (retained.kind === "applied") {
    const { deleted, beforeMs } = retained;
    if (deleted > 0) bus.publish({ type: "pruned", deleted, before: new Date(beforeMs).toISOString() });
    return;
  }
  const { old, newestOldMs } = retained;
  bus.publish({
    type: "warning",
    code: "clock_doubted",
    message:
      `${old === 1 ? "1 delivery is" : `${old} deliveries are`} older than the retention but were not deleted, because ` +
      `the clock may be wrong: the newest of them was received on ${localTime(newestOldMs)}, and ` +
      "almost none since",
    hint: `If the clock is right, delete them with: bluum-hooks events prune --older-than ${age(retentionMs)}`,
  });
}

const UNITS = [
  [24 * 60 * 60, "d"],
  [60 * 60, "h"],
] as const;

/** In the format of `--older-than`: `30d`, `12h`, `90s`. */
function age(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [length, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [1, "s"];
  return `${seconds / length}${unit}`;
}
