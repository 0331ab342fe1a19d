import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { createPaint } from "../../../../src/output/color.ts";
import { deliveryLine, forwardLine, lateAnswerLine, summarized } from "../../../../src/output/live/lines.ts";
import { AT, delivery, payload } from "../samples.ts";

const paint = createPaint(false);
const answer = { status: 200, durationMs: 4 };
const time = new Date(AT).toTimeString().slice(0, 8);
const again = { kind: "duplicate", attempt: 2, duplicateOf: "dlv_0" } as const;
const line = (columns: number | null, changes = {}, body?: Buffer) =>
  deliveryLine(summarized(delivery(body, changes)), answer, { columns, paint });

describe("deliveryLine", () => {
  it("shows everything in columns on a wide terminal, and the outcome at its edge", () => {
    expect(line(110)).toBe(
      `${time}  order.filled                   ord_x9y8z7a6b5c4d3e2  filled 10 @ 178.50                 ✓ 200   4 ms`,
    );
  });

  it("shortens the id at 80 columns", () => {
    expect(line(80)).toBe(`${time}  order.filled            ord_x9y8z7…  filled 10 @ 178.50   ✓ 200   4 ms`);
  });

  it("leaves the id out at 60 columns", () => {
    expect(line(60)).toBe(`${time}  order.filled      filled 10 @ 178.50  ✓ 200   4 ms`);
  });

  it.each([
    [200, "✓ 200"],
    [204, "✓ 204"],
    [302, "✗ 302"],
    [401, "✗ 401"],
    [502, "✗ 502"],
  ])("the mark beside a status is the outcome: %i", (status, shown) => {
    const text = deliveryLine(summarized(delivery()), { status, durationMs: 4 }, { columns: 80, paint });
    expect(text).toMatch(new RegExp(`  ${shown}   4 ms$`));
    expect(text.match(/[✓✗]/g)).toHaveLength(1);
  });

  it("shows when the sender closed the connection, instead of a status", () => {
    const text = deliveryLine(summarized(delivery()), { hungUpAfterMs: 1_000 }, { columns: 80, paint });
    expect(text).toMatch(/ ✗ hung up after 1\.0 s$/);
  });

  it.each([
    ["verified", /178\.50 +✓ 200/],
    ["mismatch", / bad signature {2}✓ 200/],
    ["stale", / stale signature {2}✓ 200/],
    ["unsigned", / unsigned {2}✓ 200/],
    ["no-secret", / not verified {2}✓ 200/],
  ])("shows nothing for a valid signature, and names any other verdict: %s", (verdict, words) => {
    for (const columns of [80, 120, null]) expect(line(columns, { verification: { verdict } })).toMatch(words);
  });

  it.each([
    [60, { verdict: "mismatch" }, {}, "  order.filled  filled…  bad signature  ✓ 200   4 ms"],
    [
      80,
      { verdict: "unsigned" },
      { kind: "retry", attempt: 2 },
      "  order.filled  ord_x9y8z7…  filled 10…  unsigned  retry 2  ✓ 200   4 ms",
    ],
    [80, { verdict: "mismatch" }, again, "  order.filled  filled 10 @…   bad signature  duplicate ×2  ✓ 200   4 ms"],
  ])("at %i columns cuts nothing next to blank cells: %j %j", (columns, verification, recurrence, rest) => {
    const changes = { verification, recurrence: { kind: "first", attempt: 1, ...recurrence } };
    expect(line(columns, changes)).toBe(`${time}${rest}`);
  });

  it.each([40, 60, 76, 80, 95, 100, 118, 120, 200])("never fills more than a terminal of %i columns", (columns) => {
    const body = payload("transfer.withdrawal.completed", { id: "注".repeat(40), amount: "1".repeat(90) });
    for (const recurrence of [{ kind: "first", attempt: 1 }, again]) {
      for (const verdict of ["verified", "unsigned", "no-secret"]) {
        expect(stringWidth(line(columns, { recurrence, verification: { verdict } }, body))).toBeLessThanOrEqual(
          columns,
        );
      }
    }
  });

  it.each([60, 80, 120, null])("always shows a bad signature and a repetition as text (%s columns)", (columns) => {
    const text = line(columns, { recurrence: again, verification: { verdict: "mismatch" } });
    expect(text).toContain("bad signature");
    expect(text).toContain("duplicate ×2");
  });

  it("calls a repetition after a failure a retry", () => {
    expect(line(80, { recurrence: { kind: "retry", attempt: 3, duplicateOf: "dlv_0" } })).toContain("retry 3");
  });

  it("cuts nothing of reasonable length without a terminal", () => {
    const body = payload("transfer.withdrawal.completed", { id: "wd_".padEnd(60, "9"), amount: "5", currency: "USD" });
    expect(line(null, {}, body)).toContain(`transfer.withdrawal.completed  wd_${"9".repeat(57)}  5 USD`);
  });

  it("shows a missing answer as pending", () => {
    expect(deliveryLine(summarized(delivery()), undefined, { columns: 80, paint })).toMatch(/178\.50 +…$/);
  });

  it("keeps the end of an event name, which is the most informative part", () => {
    expect(line(80, {}, payload("transfer.withdrawal.completed", { id: "wd_1" }))).toContain("…withdrawal.completed ");
  });
});

it("a replay, a missed event and a late answer have the format of a delivery", () => {
  const { event, resourceId } = delivery();
  const style = { columns: null, paint };
  const start = `${time}  order.filled                   ord_x9y8z7a6b5c4d3e2                        `;
  const attempt = { event, resourceId, at: AT, durationMs: 12 };
  expect([
    forwardLine({ ...attempt, cause: "replay", status: 200 }, style),
    forwardLine({ ...attempt, cause: "edited", status: 422 }, style),
    forwardLine({ ...attempt, cause: "catch-up" }, style),
    lateAnswerLine(delivery(), { at: AT, status: 504, durationMs: 30_000 }, style),
  ]).toEqual([
    `${start}replay  ✓ 200  12 ms`,
    `${start}edited replay  ✗ 422  12 ms`,
    `${start}catch-up  ✗ no answer  12 ms`,
    `${start}answered  ✗ 504   30 s`,
  ]);
});
