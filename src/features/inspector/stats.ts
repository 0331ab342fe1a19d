import type { Stats } from "../../inspector/contract.ts";
import { sumUp } from "../../output/reports/stats-report.ts";
import type { Database } from "../../store/database.ts";
import { bucketRows, type RowFilter } from "../../store/rows-query.ts";
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

/** The totals of `events stats`, and the deliveries over time. */
export function readStats(database: Database, filter: RowFilter): Stats {
  const sums = sumUp(storeStats(database, filter));
  const spanMs = (sums.lastAt ?? 0) - (sums.firstAt ?? 0);
  const bucketMs = STEPS.find((step) => spanMs / step <= MAX_BUCKETS) ?? Math.ceil(spanMs / MAX_BUCKETS / DAY) * DAY;
  return { ...sums, bucketMs, buckets: bucketRows(database, filter, bucketMs) };
}
