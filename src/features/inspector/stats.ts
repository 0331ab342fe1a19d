import type { Stats } from "../../inspector/contract.ts";
import { sumUp } from "../../output/reports/stats-report.ts";
import type { Database } from "../../store/database.ts";
import { bucketRows, placeBefore, type RowFilter } from "../../store/rows-query.ts";
import { storeStats } from "../../store/stats-query.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Intervals of a chart that are easy to read. */
const STEPS = [1, 2, 5, 10, 15, 30]
  .map((count) => count * SECOND)
  .concat([1, 2, 5, 10, 15, 30].map((count) => count * MINUTE))
  .concat(
    [1, 2, 3, 6, 12].map((count) => count * HOUR),
    [1, 2, 7, 30].map((count) => count * DAY),
  );
const MAX_BUCKETS = 120;

/** More would take longer than a person waits: `events stats` counts all. */
const MAX_DELIVERIES = 10_000;

/** The totals of `events stats`, of the newest deliveries, and these over time. */
export function readStats(database: Database, filter: RowFilter): Stats {
  const after = placeBefore(database, MAX_DELIVERIES);
  const sums = sumUp(storeStats(database, { ...filter, afterSeq: after }));
  const spanMs = (sums.lastAt ?? 0) - (sums.firstAt ?? 0);
  const bucketMs = STEPS.find((step) => spanMs / step <= MAX_BUCKETS) ?? Math.ceil(spanMs / MAX_BUCKETS / DAY) * DAY;
  return { ...sums, isOfNewest: after > 0, bucketMs, buckets: bucketRows(database, filter, after, bucketMs) };
}
