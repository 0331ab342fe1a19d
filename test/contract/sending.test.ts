import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelRequest, orderRequest, transferRequest, type BluumClient } from "../../src/bluum/client.ts";
import type { NewTransfer, TransferKind } from "../../src/bluum/client.ts";
import type { Owner } from "../../src/core/id-rules.ts";
import { newId } from "../../src/platform/ids.ts";
import { TARGETS, clientOf, type Target } from "./targets.ts";

/** What the program sends to move money, as the API reference of both generations documents it. */
describe.each(TARGETS)("$name", ({ open, isHere }) => {
  describe.skipIf(!isHere)("keeps the contract:", () => {
    let target: Target;
    let api: BluumClient;

    beforeAll(async () => {
      target = await open();
      api = clientOf(target);
    });
    afterAll(async () => {
      await api[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    });

    const transfer = (kind: TransferKind, owner: Owner, changes: Partial<NewTransfer> = {}) =>
      api.createTransfer(
        transferRequest(
          kind,
          owner,
          { amount: "10.00", currency: "USD", method: "manual_bank_transfer", ...changes },
          newId("contract"),
        ),
      );

    // API reference, "Cancel an order": POST …/orders/{order_id}/cancel, in both generations.
    it("an open order is canceled, spelled with two l in the current API, and cannot be canceled again: 409", async () => {
      for (const owner of target.owners) {
        const resting = {
          symbol: "AAPL",
          side: "buy",
          type: "limit",
          limitPrice: "1.00",
          timeInForce: "day",
          quantity: "1",
        };
        const order = await api.createOrder(orderRequest(owner, resting, newId("contract")));
        const canceled = await api.cancelOrder(cancelRequest(owner, order.id, newId("contract")));
        expect(canceled.id).toBe(order.id);
        expect(canceled.status).toBe(owner.generation === "current" ? "cancelled" : "canceled");
        const again = api.cancelOrder(cancelRequest(owner, order.id, newId("contract")));
        await expect(again).rejects.toMatchObject({ code: "api_conflict" });
      }
    });

    it("an order that does not exist cannot be canceled: 404", async () => {
      for (const owner of target.owners) {
        const missing = api.cancelOrder(cancelRequest(owner, "ord_does_not_exist", newId("contract")));
        await expect(missing).rejects.toMatchObject({ code: "api_not_found" });
      }
    });

    // API reference, deposits: method_details.referenceCode in the current API, reference_code in the legacy one.
    it("a manual deposit has a reference that its sender must quote", async () => {
      for (const owner of target.owners) {
        expect((await transfer("deposit", owner)).referenceCode).toMatch(/\S/);
      }
    });

    // API reference, withdrawals (mid-2026): funding_source_id is required with every method.
    it("a withdrawal names its funding source", async () => {
      for (const owner of target.owners) {
        if (target.fundingSourceId === undefined) return;
        const withdrawal = await transfer("withdrawal", owner, { fundingSourceId: target.fundingSourceId });
        expect(withdrawal).toMatchObject({ amount: "10.00", currency: "USD", status: "pending" });
        expect(withdrawal.createdAt).toMatch(/^\d{4}-/);
        expect(withdrawal.id).toMatch(owner.generation === "current" ? /^wd_/ : /^wdr_/);
      }
    });
  });
});
