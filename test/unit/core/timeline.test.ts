import { expect, it } from "vitest";
import type { StoredDelivery } from "../../../src/core/delivery.ts";
import { readTimeline } from "../../../src/core/timeline.ts";

let serial = 0;
function told(event: string, timestamp: string, receivedAt: number, key = `${event} ${timestamp}`) {
  serial += 1;
  return {
    id: `dlv_${serial}`,
    environment: "sandbox",
    receivedAt,
    event,
    timestamp,
    identity: { source: "bytes", key },
    recurrence: { kind: "first", attempt: 1 },
  } as const satisfies Partial<StoredDelivery>;
}

it("events that share a resource are lost by its id, their repetitions are not", () => {
  const { entries, distinct, lost } = readTimeline([
    told("order.accepted", "2025-06-15T14:30:14Z", 1000),
    told("order.accepted", "2025-06-15T14:30:14Z", 1500),
    told("order.filled", "2025-06-15T14:30:15Z", 2200),
    told("order.filled", "2025-06-15T14:30:15Z", 3000),
  ]);
  expect(entries.map(({ isLostByDataId }) => isLostByDataId)).toEqual([false, false, true, false]);
  expect(entries.map(({ gapMs }) => gapMs)).toEqual([null, 500, 700, 800]);
  expect([distinct, lost]).toEqual([2, ["order.filled"]]);
});

it("two partial fills are two events", () => {
  const fills = [told("order.partially_filled", "1", 1), told("order.partially_filled", "2", 2)];
  expect(readTimeline(fills).distinct).toBe(2);
});

it.each([
  ["by their times", "2025-06-15T14:30:15Z", "2025-06-15T14:30:14Z", 1000],
  ["by times in seconds", "1750000002", "1750000001", 1000],
  ["by what must come first, where they carry no time", "x", "y", null],
  ["by what must come first, at the same second", "2025-06-15T14:30:15Z", "2025-06-15T14:30:15Z", 0],
])("a fill that arrives before its acceptance is reported, %s", (_how, filledAt, acceptedAt, byMs) => {
  const { remarks } = readTimeline([told("order.filled", filledAt, 1), told("order.accepted", acceptedAt, 2)]);
  expect(remarks).toEqual([{ kind: "out-of-order", later: "order.filled", earlier: "order.accepted", byMs }]);
});

it("a missing event that must have come first is reported once", () => {
  const { remarks } = readTimeline([told("order.partially_filled", "1", 1), told("order.filled", "2", 2)]);
  expect(remarks).toEqual([{ kind: "missing", event: "order.partially_filled", needs: "order.accepted" }]);
});

it.each([
  [["order.accepted", "order.filled"]],
  [["order.rejected"]],
  [["deposit.completed"]],
  [["transfer.deposit.initiated", "transfer.deposit.failed"]],
])("%j causes no remark", (names) => {
  const deliveries = names.map((name, index) => told(name, String(index + 1), index));
  expect(readTimeline(deliveries).remarks).toEqual([]);
});
