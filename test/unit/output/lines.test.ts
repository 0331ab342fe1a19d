import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { createPaint } from "../../../src/output/color.ts";
import { deliveryLine, forwardLine, forwardNote, lateAnswerLine } from "../../../src/output/lines.ts";
import { AT, delivery, payload } from "./samples.ts";

const paint = createPaint(false);
const answer = { status: 200, durationMs: 4 };
const time = new Date(AT).toTimeString().slice(0, 8);
const again = { kind: "duplicate", attempt: 2, duplicateOf: "dlv_0" } as const;
const line = (columns: number | null, changes = {}, body?: Buffer) =>
  deliveryLine(delivery(body, changes), answer, { columns, paint });

describe("deliveryLine", () => {
  it("tells everything in columns on a wide terminal", () => {
    expect(line(120)).toBe(
      `${time}  order.filled                   ord_x9y8z7a6b5c4d3e2  filled 10 @ 178.50  ✓ verified                 200   4 ms`,
    );
  });

  it("shortens the id and the verdict at 80 columns", () => {
    expect(line(80)).toBe(`${time}  order.filled            ord_x9y8z7…  filled 10 @ 178.50   ✓ 200   4 ms`);
  });

  it("leaves the id out at 60 columns", () => {
    expect(line(60)).toBe(`${time}  order.filled      filled 10 @ 178.50  ✓ 200   4 ms`);
  });

  it.each([
    [60, { verdict: "unsigned" }, {}, "  order.filled      filled 10 @ 178.50  ! 200   4 ms"],
    [60, { verdict: "mismatch" }, {}, "  order.filled  filled 10 @…   ✗ mismatch 200   4 ms"],
    [80, { verdict: "unsigned" }, {}, "  order.filled            ord_x9y8z7…  filled 10 @ 178.50   ! 200   4 ms"],
    [
      80,
      { verdict: "unsigned" },
      { kind: "retry", attempt: 2 },
      "  order.filled     ord_x9y8z7…  filled 10 @ 178.50  ! retry 2 200   4 ms",
    ],
    [
      80,
      { verdict: "stale" },
      { kind: "retry", attempt: 2 },
      "  order.filled  ord_x9y8z7…  filled 10 @ 17…  ✗ stale retry 2 200   4 ms",
    ],
    [80, { verdict: "mismatch" }, again, "  order.filled    filled 10 @ 178.50  ✗ mismatch duplicate ×2 200   4 ms"],
  ])("at %i columns cuts no fact beside blank cells: %j %j", (columns, verification, recurrence, rest) => {
    const changes = { verification, recurrence: { kind: "first", attempt: 1, ...recurrence } };
    expect(line(columns, changes)).toBe(`${time}${rest}`);
  });

  it.each([40, 60, 76, 80, 95, 100, 118, 120, 200])("never fills more than a terminal of %i columns", (columns) => {
    const body = payload("transfer.withdrawal.completed", { id: "注".repeat(40), amount: "1".repeat(90) });
    for (const recurrence of [{ kind: "first", attempt: 1 }, again]) {
      for (const verdict of ["verified", "mismatch", "unsigned", "no-secret"]) {
        expect(stringWidth(line(columns, { recurrence, verification: { verdict } }, body))).toBeLessThanOrEqual(
          columns,
        );
      }
    }
  });

  it.each([60, 80, 120, null])("always shows a bad signature and a repetition in words (%s columns)", (columns) => {
    const text = line(columns, { recurrence: again, verification: { verdict: "mismatch" } });
    expect(text).toContain("✗ mismatch");
    expect(text).toContain("duplicate ×2");
  });

  it("calls a repetition that the sender owes to a failure a retry", () => {
    expect(line(80, { recurrence: { kind: "retry", attempt: 3, duplicateOf: "dlv_0" } })).toContain("retry 3");
  });

  it("cuts nothing that is of reasonable length where there is no terminal", () => {
    const body = payload("transfer.withdrawal.completed", { id: "wd_".padEnd(60, "9"), amount: "5", currency: "USD" });
    expect(line(null, {}, body)).toContain(`transfer.withdrawal.completed  wd_${"9".repeat(57)}  5 USD`);
  });

  it("shows an answer that is still missing as pending", () => {
    expect(deliveryLine(delivery(), undefined, { columns: 80, paint })).toMatch(/✓ …$/);
  });

  it("keeps the end of an event name, which says what happened", () => {
    expect(line(80, {}, payload("transfer.withdrawal.completed", { id: "wd_1" }))).toContain("…withdrawal.completed ");
  });
});

describe("what is said of an attempt to forward", () => {
  const failed = { ...delivery(), type: "forward", at: AT, deliveryId: "dlv_1", cause: "live", url: "u" } as const;

  it.each([
    ["no whole answer within 1 s", "no whole answer within 1 s"],
    ["nothing listens on port 3000", "nothing listens on port 3000 after 1.0 s"],
  ])("%s: says after how long it failed, once", (error, said) => {
    const fact = { ...failed, error, durationMs: 1_003 };
    expect(forwardNote(fact, { columns: null, paint })).toBe(`          ↳ app: ${said}`);
    expect(forwardLine(fact, { columns: null, paint })).toContain(` app: ${said}  order.filled`);
  });
});

describe("lateAnswerLine", () => {
  it("names the delivery that it belongs to", () => {
    const text = lateAnswerLine(delivery(), { at: AT, status: 504, durationMs: 30_000 }, { columns: null, paint });
    expect(text).toBe(`${time}  ↳ answered 504 after 30 s  order.filled ord_x9y8z7a6b5c4d3e2`);
  });
});
