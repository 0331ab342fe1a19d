import { createHistogram } from "node:perf_hooks";
import { BAD_VERDICTS } from "../core/delivery.ts";
import type { Fact, Summary } from "../core/facts.ts";

export interface SessionSummary {
  count(fact: Fact): void;
  read(): Summary;
}

const COUNT_OF = { first: "distinct", retry: "retries", duplicate: "duplicates" } as const;

/** Counts a session's facts in constant memory, however many there are. */
export function createSummary(): SessionSummary {
  const answers = createHistogram();
  const counts = { received: 0, distinct: 0, retries: 0, duplicates: 0, badSignatures: 0, forwarded: 0, failed: 0 };
  return {
    count(fact) {
      if (fact.type === "answer") answers.record(Math.max(1, Math.round(fact.durationMs * 1000)));
      if (fact.type === "forward") {
        const ok = fact.status !== undefined && fact.status >= 200 && fact.status < 300;
        counts[ok ? "forwarded" : "failed"] += 1;
      }
      if (fact.type !== "delivery") return;
      const { recurrence, verification } = fact.delivery;
      counts.received += 1;
      counts[COUNT_OF[recurrence.kind]] += 1;
      if (BAD_VERDICTS.includes(verification.verdict)) counts.badSignatures += 1;
    },
    read() {
      const percentile = (percent: number) => (answers.count === 0 ? null : answers.percentile(percent) / 1000);
      return { ...counts, medianMs: percentile(50), p95Ms: percentile(95) };
    },
  };
}
