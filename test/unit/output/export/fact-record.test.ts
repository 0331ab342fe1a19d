import { describe, expect, it } from "vitest";
import { JsonText } from "../../../../src/core/json-text.ts";
import { recordLine, toRecord } from "../../../../src/output/export/fact-record.ts";
import { AT, delivery } from "../samples.ts";

describe("toRecord", () => {
  it("converts a delivery with the documented fields", () => {
    const fact = { type: "delivery", at: AT, delivery: delivery() } as const;
    expect(toRecord(fact)).toStrictEqual({
      type: "delivery",
      at: "2025-06-15T14:30:15.000Z",
      id: "dlv_1",
      event: "order.filled",
      resourceId: "ord_x9y8z7a6b5c4d3e2",
      identity: expect.stringMatching(/^bytes:[0-9a-f]{64}$/),
      signature: { verdict: "verified", scheme: "hex", header: "x-bluum-signature" },
      attempt: 1,
      recurrence: "first",
      bytes: fact.delivery.body.length,
      payload: new JsonText(fact.delivery.body.toString()),
    });
  });

  it("names the first delivery of a repeated event", () => {
    const recurrence = { kind: "duplicate", attempt: 2, duplicateOf: "dlv_0" } as const;
    const record = toRecord({ type: "delivery", at: AT, delivery: delivery(undefined, { recurrence }) });
    expect(record).toMatchObject({ duplicateOf: "dlv_0", attempt: 2, recurrence: "duplicate" });
  });

  it("keeps the bytes of a body that is not JSON", () => {
    const body = Buffer.from([0xff, 0x00, 0x41]);
    const record = toRecord({ type: "delivery", at: AT, delivery: delivery(body) });
    expect(record).toMatchObject({ payload: null, payloadError: "the body is not UTF-8 text", identity: null });
    expect(Buffer.from(String(record["bodyBase64"]), "base64")).toStrictEqual(body);
  });

  it("converts every other fact with its own fields", () => {
    expect(toRecord({ type: "answer", at: AT, deliveryId: "dlv_1", status: 200, durationMs: 4 })).toStrictEqual({
      type: "answer",
      at: "2025-06-15T14:30:15.000Z",
      deliveryId: "dlv_1",
      status: 200,
      durationMs: 4,
    });
  });
});

describe("recordLine", () => {
  it("escapes what a terminal interprets and what splits lines, without loss", () => {
    const data = { id: "a\u2028\u2029\x9b2J\x1b[2J\u202e\ud83d\n" };
    const body = Buffer.from(JSON.stringify({ event: "x", data }));
    const line = recordLine({ type: "delivery", at: AT, delivery: delivery(body) });
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(line).payload.data).toStrictEqual(data);
  });

  it("prints the bytes of a delivery whose JSON is nested too deeply", () => {
    const body = Buffer.from("[".repeat(100_000) + "]".repeat(100_000));
    const record = JSON.parse(recordLine({ type: "delivery", at: AT, delivery: delivery(body) }));
    expect(record).toMatchObject({ payload: null, payloadError: expect.stringContaining("nested too deeply") });
    expect(Buffer.from(record.bodyBase64, "base64").equals(body)).toBe(true);
  });
});
