import { createHistogram } from "node:perf_hooks";
import { BAD_VERDICTS, isHungUp } from "../core/delivery.ts";
import type { Fact, Summary } from "../core/facts.ts";

export interface SessionSummary {
  count(fact: Fact): void;
  /** Counts a delivery that could not be stored, or a refused request: only some of these are published as facts. */
  countUnpublished(what: "notStored" | "refused"): void;
  read(): Summary;
}

const COUNT_OF = { first: "distinct", retry: "retries", duplicate: "duplicates" } as const;
/** Maximum number of forwarded deliveries whose response has not been counted yet. */
const MAX_UNANSWERED = 10_000;

/** Counts a session's facts in constant memory. */
export function createSummary(): SessionSummary {
  const answers = createHistogram();
  const counts = {
    received: 0,
    distinct: 0,
    retries: 0,
    duplicates: 0,
    badSignatures: 0,
    forwarded: 0,
    failed: 0,
    replays: 0,
    hungUp: 0,
    notStored: 0,
    refused: 0,
  };
  /** How a delivery with a pending response was counted: if the sender stops waiting, the delivery has failed. */
  const countedAs = new Map<string, "forwarded" | "failed">();

  function countForward({ status, cause, deliveryId }: Extract<Fact, { type: "forward" }>): void {
    if (cause !== "live" && cause !== "catch-up") {
      counts.replays += 1;
      return;
    }
    const end = status !== undefined && status >= 200 && status < 300 ? "forwarded" : "failed";
    counts[end] += 1;
    if (cause !== "live") return;
    countedAs.set(deliveryId, end);
    const [oldest = ""] = countedAs.keys();
    if (countedAs.size > MAX_UNANSWERED) countedAs.delete(oldest);
  }

  function countAnswer(fact: Extract<Fact, { type: "answer" }>): void {
    const counted = countedAs.get(fact.deliveryId);
    countedAs.delete(fact.deliveryId);
    if (!isHungUp(fact)) return answers.record(Math.max(1, Math.round(fact.durationMs * 1000)));
    counts.hungUp += 1;
    if (counted === "failed") return;
    if (counted === "forwarded") counts.forwarded -= 1;
    counts.failed += 1;
  }

  return {
    count(fact) {
      if (fact.type === "answer") countAnswer(fact);
      if (fact.type === "forward") countForward(fact);
      if (fact.type !== "delivery") return;
      const { recurrence, verification } = fact.delivery;
      counts.received += 1;
      counts[COUNT_OF[recurrence.kind]] += 1;
      if (BAD_VERDICTS.includes(verification.verdict)) counts.badSignatures += 1;
    },
    countUnpublished: (what) => void (counts[what] += 1),
    read() {
      const percentile = (percent: number) => (answers.count === 0 ? null : answers.percentile(percent) / 1000);
      return { ...counts, medianMs: percentile(50), p95Ms: percentile(95) };
    },
  };
}
