import { describe, expect, it } from "vitest";
import { readDelivery } from "../../../src/core/delivery.ts";
import { payloadIn, readEvent } from "../../../src/core/payload-form.ts";

const read = (payload: unknown) => {
  const request = { method: "POST", path: "/", headers: [], receivedAt: 0 };
  return readDelivery("dlv_1", { ...request, body: Buffer.from(JSON.stringify(payload)) });
};

describe("the form of Bluum's example application", () => {
  it.each([
    ["order.filled", { account_id: "a", order_id: "ord_1" }, "ord_1"],
    ["order.filled", { account_id: "a" }, null],
    ["transfer.deposit.completed", { account_id: "a", deposit_id: "dep_1" }, "dep_1"],
    ["deposit.completed", { transfer_id: "t_1" }, "t_1"],
    ["transfer.withdrawal.failed", { withdrawal_id: "wd_1", transfer_id: "t_1" }, "wd_1"],
    ["withdrawal.completed", { withdrawal_id: "wd_1" }, "wd_1"],
    ["document.approved", { investor_id: "inv_1", document_id: "doc_1" }, "doc_1"],
    ["kyc.verification.approved", { investor_id: "inv_1", workflow_id: "cw_1" }, "cw_1"],
    ["kyc.verification.approved", { investor_id: "inv_1" }, "inv_1"],
    ["compliance.review.started", { workflow_id: "cw_1" }, "cw_1"],
    ["account.updated", { account_id: "a" }, "a"],
    ["account.updated", { investor_id: "inv_1" }, "inv_1"],
    ["something.new", { investor_id: "inv_1", order_id: "ord_1" }, "ord_1"],
    ["order.filled", { id: "mine", order_id: "ord_1" }, "mine"],
    ["order.filled", { id: "", order_id: 1152921506151679042n.toString() }, "1152921506151679042"],
    ["order.filled", { order_id: { nested: 1 } }, null],
  ])("%s of %o concerns %s", (event, data, resourceId) => {
    expect(read({ event_type: event, data }).resourceId).toBe(resourceId);
  });

  it("is written so that it is read as the same event", () => {
    for (const event of ["order.filled", "transfer.deposit.completed", "withdrawal.completed", "kyc.x", "other.x"]) {
      const data = { id: "res_1", investor_id: "inv_1", status: "s" };
      const written = payloadIn("event_type", { event, timestamp: "2025-06-15T14:30:15Z", data });
      expect(read(written)).toMatchObject({ event, resourceId: "res_1", timestamp: "2025-06-15T14:30:15Z" });
      expect(written).not.toHaveProperty("event");
    }
  });

  it("names an account once", () => {
    const data = { id: "inv_1", investor_id: "inv_1", status: "active" };
    expect(payloadIn("event_type", { event: "account.updated", timestamp: "t", data })).toEqual({
      event_type: "account.updated",
      timestamp: "t",
      data: { investor_id: "inv_1", status: "active" },
    });
  });
});

describe("a time", () => {
  it.each([
    [{ timestamp: "2025-06-15T14:30:15Z", created: 1 }, "2025-06-15T14:30:15Z", "timestamp"],
    [{ created_at: "2025-06-15T14:30:15Z" }, "2025-06-15T14:30:15Z", "created_at"],
    [{ created: 1750000000 }, "1750000000", "created"],
    [{ timestamp: 1750000000 }, "1750000000", "timestamp"],
    [{ timestamp: null, created: 1750000000 }, "1750000000", "created"],
  ])("in %o is %s", (fields, time, path) => {
    const payload = { type: "order.filled", ...fields, data: { id: "ord_1" } };
    expect(read(payload)).toMatchObject({ event: "order.filled", timestamp: time });
    expect(readEvent(payload)).toMatchObject({ name: { path: "type" }, time: { path } });
  });
});
