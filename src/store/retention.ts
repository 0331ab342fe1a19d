import type { WhileBusy } from "./busy.ts";
import type { Database } from "./database.ts";
import { pruneDeliveries, type Pruning } from "./prune.ts";
import { releaseSpace } from "./space.ts";

/** The result of applying the retention policy. Times are Unix milliseconds. */
export type Retained =
  | { readonly kind: "applied"; readonly deleted: number; readonly beforeMs: number }
  /** Nothing was deleted: the gap between the newest old delivery and now is so large that the clock may be wrong. */
  | { readonly kind: "clock-doubted"; readonly old: number; readonly newestOldMs: number };

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** A shorter gap may be a weekend or a holiday. */
const MIN_DOUBTED_GAP_MS = 7 * DAY_MS;

/**
 * Deletes deliveries received more than `keepMs` ago. If the clock has jumped past all stored deliveries, those from
 * before the jump are deleted only after further deliveries confirm the new time for a day.
 */
export async function applyRetention(
  database: Database,
  whileBusy: WhileBusy,
  { nowMs, keepMs, onDeleted }: Pick<Pruning, "onDeleted"> & { readonly nowMs: number; readonly keepMs: number },
): Promise<Retained> {
  const beforeMs = nowMs - keepMs;
  const one = (sql: string, ...parameters: number[]) => database.prepare(sql).get(parameters)?.["value"] ?? null;
  const newestOldMs = one("SELECT max(received_at) AS value FROM deliveries WHERE received_at < ?", beforeMs);
  if (newestOldMs === null) return { kind: "applied", deleted: 0, beforeMs };
  const resumedMs = Number(
    one(
      "SELECT min(received_at) AS value FROM deliveries WHERE received_at >= ? AND received_at <= ?",
      beforeMs,
      nowMs,
    ) ?? nowMs,
  );
  const gapMs = resumedMs - Number(newestOldMs);
  const isDoubted = gapMs > Math.max(keepMs, MIN_DOUBTED_GAP_MS) && nowMs - resumedMs < Math.min(DAY_MS, keepMs / 2);
  if (isDoubted) {
    const old = Number(one("SELECT count(*) AS value FROM deliveries WHERE received_at < ?", beforeMs));
    return { kind: "clock-doubted", old, newestOldMs: Number(newestOldMs) };
  }
  const deleted = await pruneDeliveries(database, whileBusy, { beforeMs, onDeleted });
  if (deleted > 0) await releaseSpace(database, whileBusy, { mayRebuild: false });
  return { kind: "applied", deleted, beforeMs };
}
