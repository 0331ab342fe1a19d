import { expect, it } from "vitest";
import { StopWatch } from "../../../../src/features/listen/stop-conditions.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { AT, delivery } from "../../output/samples.ts";

/** Whether `--until PATTERN` ends a session that receives this payload. */
async function isReached(pattern: string, payload: object): Promise<boolean> {
  const watch = new StopWatch({ until: [pattern], count: 2, timeoutMs: undefined });
  const arrived = delivery(Buffer.from(JSON.stringify(payload)));
  const other = delivery(Buffer.from(JSON.stringify({ event: "account.updated", data: {} })));
  for (const each of [arrived, other]) watch.see({ type: "delivery", at: AT, delivery: each });
  return (await watch.wait(systemClock, new AbortController().signal)) === "until";
}

it.each([
  ["order.filled", { event: "order.filled", data: { id: "ord_1" } }],
  ["order.filled", { event_type: "order.filled", data: { order_id: "ord_1" } }],
  ["kyc.*", { event: "kyc.verification.approved", data: { id: "cw_1" } }],
  ["compliance.*", { event_type: "compliance.review.completed", data: { workflow_id: "cw_1" } }],
  ["transfer.deposit.completed", { event: "transfer.deposit.completed", data: { id: "dep_1" } }],
  // One edition of the documentation names transfers without the prefix.
  ["transfer.deposit.completed", { event: "deposit.completed", data: { id: "dep_1" } }],
  ["deposit.completed", { event: "transfer.deposit.completed", data: { id: "dep_1" } }],
  ["transfer.withdrawal.*", { event_type: "withdrawal.completed", data: { withdrawal_id: "wd_1" } }],
])("--until %s is reached by %j", async (pattern, payload) => {
  expect(await isReached(pattern, payload)).toBe(true);
});

it.each([
  ["order.filled", { event: "order.accepted", data: { id: "ord_1" } }],
  ["deposit.completed", { event: "order.filled", data: { id: "ord_1" } }],
  ["transfer.deposit.completed", { event: "withdrawal.completed", data: { id: "wd_1" } }],
])("--until %s is not reached by %j", async (pattern, payload) => {
  expect(await isReached(pattern, payload)).toBe(false);
});
