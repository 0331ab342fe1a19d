import { describe, expect, it } from "vitest";
import { summarize } from "../../../../src/output/live/summaries.ts";
import { delivery, payload } from "../samples.ts";

describe("summarize", () => {
  it.each([
    ["order.accepted", { side: "buy", quantity: "1", symbol: "AAPL" }, "buy 1 AAPL"],
    ["order.accepted", { side: "sell", qty: 2, symbol: "AAPL", limit_price: "180" }, "sell 2 AAPL @ 180"],
    ["order.accepted", { side: "buy", notional: "100", symbol: "AAPL" }, "buy $100 AAPL"],
    ["order.filled", { filled_quantity: "1", average_price: "178.50" }, "filled 1 @ 178.50"],
    ["order.filled", { filled_qty: "1", average_price: "178.50" }, "filled 1 @ 178.50"],
    ["order.partially_filled", { quantity: "10", filled_quantity: "3", average_price: "9" }, "filled 3 of 10 @ 9"],
    ["order.rejected", { side: "buy", qty: "1", symbol: "X", reject_reason: "halted" }, "buy 1 X: halted"],
    ["order.rejected", { failure_reason: "halted" }, "halted"],
    ["order.canceled", { status: "canceled" }, "canceled"],
    ["transfer.deposit.completed", { amount: "5000.00", currency: "USD" }, "5000.00 USD"],
    ["deposit.completed", { amount: "5000.00", currency: "USD" }, "5000.00 USD"],
    ["transfer.withdrawal.failed", { amount: "5", currency: "USD", failure_reason: "limit" }, "5 USD: limit"],
    ["document.rejected", { reason: "blurry" }, "blurry"],
    ["kyc.verification.approved", { status: "approved" }, "approved"],
    ["compliance.review.rejected", { status: "rejected", reason: "name mismatch" }, "name mismatch"],
    ["something.new", { status: "done", amount: "1" }, "done"],
    ["something.new", {}, ""],
  ])("summarizes %s %o as %s", (event, data, summary) => {
    expect(summarize(delivery(payload(event, data)))).toBe(summary);
  });

  it.each([
    ["not JSON", Buffer.from("hello")],
    ["binary", Buffer.from([0xff, 0xfe])],
    ["empty body", Buffer.alloc(0)],
  ])("summarizes a body that is not JSON: %s", (words, body) => expect(summarize(delivery(body))).toBe(words));

  it.each(["null", "[]", '{"event":"order.filled"}', '{"event":"order.filled","data":[]}', '{"data":{"status":"x"}}'])(
    "returns nothing for %s, and does not fail",
    (body) => expect(summarize(delivery(Buffer.from(body)))).toMatch(/^(filled)?$/),
  );

  it("removes everything that a terminal interprets", () => {
    expect(summarize(delivery(payload("x", { status: "a\x1b[2J\nb" })))).toBe("a b");
  });
});
