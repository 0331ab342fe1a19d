import { expect, it } from "vitest";
import { cancelRequest, type NewOrder, orderRequest } from "../../src/bluum/client.ts";
import { newId } from "../../src/platform/ids.ts";
import { ownerOf, published, publishedHere } from "./page.ts";
import { samplePayload } from "../../src/core/samples.ts";

const MARKET: NewOrder = { symbol: "AAPL", side: "buy", type: "market", timeInForce: "day", quantity: "1" };
const RESTING: NewOrder = { ...MARKET, type: "limit", limitPrice: "1.00" };

published("get-started/how-the-api-works", (asked) => {
  it("the idempotency key of a market order never buys twice", async () => {
    const { api, target } = asked();
    for (const owner of target.owners) {
      const request = orderRequest(owner, MARKET, newId("contract"));
      const order = await api.createOrder(request);
      expect(order.symbol).toBe("AAPL");
      expect((await api.createOrder(request)).id).toBe(order.id);
    }
  });
});

published("platform/trading", (asked) => {
  it.each<[type: string, order: NewOrder]>([
    ["limit", RESTING],
    ["stop", { ...MARKET, type: "stop", stopPrice: "99999.00" }],
    ["stop_limit", { ...MARKET, type: "stop_limit", stopPrice: "99999.00", limitPrice: "99999.00" }],
    ["trailing_stop", { ...MARKET, type: "trailing_stop", trailPercent: "50" }],
  ])("a %s order is accepted, and rests until the market reaches it", async (type, resting) => {
    const { api, target } = asked();
    for (const owner of target.owners) {
      const order = await api.createOrder(orderRequest(owner, { ...resting, quantity: "0.1" }, newId("contract")));
      expect(["accepted", "pending", "open"]).toContain(order.status);
      expect(order.type).toBe(type);
      await api.cancelOrder(cancelRequest(owner, order.id, newId("contract")));
    }
  });
});

for (const [page, generation, status] of [
  ["api-reference/trading/cancel-an-open-order", "current", "cancelled"],
  ["api-reference/trading/cancel-an-order", "legacy", "canceled"],
] as const) {
  published(page, (asked) => {
    it(`an open order is ${status}, and cannot be canceled again: 409`, async (context) => {
      const { api } = asked();
      const owner = ownerOf(asked().target, generation, context);
      const order = await api.createOrder(orderRequest(owner, RESTING, newId("contract")));
      const canceled = await api.cancelOrder(cancelRequest(owner, order.id, newId("contract")));
      expect(canceled).toMatchObject({ id: order.id, status });
      const again = api.cancelOrder(cancelRequest(owner, order.id, newId("contract")));
      await expect(again).rejects.toMatchObject({ code: "api_conflict" });
    });

    it("an order that does not exist cannot be canceled: 404", async (context) => {
      const owner = ownerOf(asked().target, generation, context);
      const missing = asked().api.cancelOrder(cancelRequest(owner, "ord_does_not_exist", newId("contract")));
      await expect(missing).rejects.toMatchObject({ code: "api_not_found" });
    });
  });
}

publishedHere("api-reference/trading/place-a-new-investment-order", () => {
  it("the average price is 0.00 before the first fill", () => {
    const { data } = samplePayload("order.accepted", { form: "event", generation: "legacy" }, { now: 0 });
    expect(data).toMatchObject({ filled_qty: "0", average_price: "0.00" });
  });
});
