import { expect, it } from "vitest";
import { VERDICTS } from "../../../src/core/delivery.ts";
import { sumUp } from "../../../src/output/reports/stats-report.ts";
import { createSummary } from "../../../src/delivery/summary.ts";
import { AT, delivery, FILLED } from "../output/samples.ts";

const NO_ATTEMPTS = {
  slowAnswers: 0,
  forwarded: 0,
  failed: 0,
  replays: 0,
  undelivered: 0,
  medianMs: null,
  p95Ms: null,
};

it.each(VERDICTS)("a session counts %s as failed exactly if the statistics do", (verdict) => {
  const summary = createSummary();
  summary.count({ type: "delivery", at: AT, delivery: delivery(FILLED, { verification: { verdict } }) });
  const row = { event: null, verdict, recurrence: "first", answerClass: 2, count: 1, firstAt: AT, lastAt: AT } as const;
  const sums = sumUp({ deliveries: [row], attempts: [], ...NO_ATTEMPTS });
  const isBad = ["mismatch", "stale", "unsigned"].includes(verdict) ? 1 : 0;
  expect([summary.read().badSignatures, sums.events[0]?.badSignatures]).toEqual([isBad, isBad]);
});

it("a session counts first deliveries, retries and duplicates separately, like the statistics", () => {
  const summary = createSummary();
  const kinds = ["first", "retry", "retry", "duplicate", "retry", "first"] as const;
  for (const kind of kinds) {
    summary.count({ type: "delivery", at: AT, delivery: delivery(FILLED, { recurrence: { kind, attempt: 1 } }) });
  }
  const row = { event: null, verdict: "verified", answerClass: 2, count: 1, firstAt: AT, lastAt: AT } as const;
  const deliveries = kinds.map((recurrence) => ({ ...row, recurrence }));
  const sums = sumUp({ deliveries, attempts: [], ...NO_ATTEMPTS });
  const counted = { received: 6, distinct: 2, retries: 3, duplicates: 1 };
  expect(summary.read()).toMatchObject(counted);
  expect(sums).toMatchObject(counted);
});
