import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { INVESTOR, MARKET_BUY, startRig, TRADING } from "./emulator-support/client.ts";
import { startReceiver } from "./emulator-support/receiver.ts";

describe("the emulator, from an order to its events", () => {
  test("a current market buy leads to order.accepted, then order.filled, signed as Standard Webhooks requires", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    const webhook = await rig.subscribe(receiver.url, ["order.*"]);

    const order = await rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, quantity: "10" } });
    expect(order).toMatchObject({ status: 201, body: { status: "pending", quantity: "10", filled_quantity: "0" } });

    const [accepted, filled] = await receiver.waitFor(2);
    expect(accepted?.payload).toMatchObject({
      event: "order.accepted",
      data: { id: order.body["id"], status: "open" },
    });
    expect(filled?.payload.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(filled?.payload).toEqual({
      event: "order.filled",
      timestamp: filled?.payload.timestamp,
      data: {
        id: order.body["id"],
        investor_id: EMULATOR_ACCESS.investorId,
        symbol: "AAPL",
        side: "buy",
        type: "market",
        quantity: "10",
        status: "filled",
        filled_quantity: "10",
        average_price: "178.50",
      },
    });
    const verifier = new Webhook(webhook["secret"] as string);
    for (const { body, headers } of receiver.received) {
      expect(() => verifier.verify(body.toString(), headers as Record<string, string>)).not.toThrow();
    }
  });

  test("a legacy market buy responds and publishes in the legacy format", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);

    const order = await rig.call("POST", `${TRADING}/orders`, { body: { ...MARKET_BUY, qty: "2" } });
    expect(order).toMatchObject({
      status: 201,
      body: {
        status: "accepted",
        qty: "2",
        filled_qty: "0",
        remaining_qty: "2",
        account_id: EMULATOR_ACCESS.accountId,
      },
    });
    expect(order.body).not.toHaveProperty("quantity");

    const [, filled] = await receiver.waitFor(2);
    expect(filled?.payload).toMatchObject({
      event: "order.filled",
      data: { account_id: EMULATOR_ACCESS.accountId, filled_qty: "2", status: "filled" },
    });
    expect(filled?.payload.data).not.toHaveProperty("filled_quantity");
    const stored = await rig.call("GET", `/trading/orders/${String(order.body["id"])}`);
    expect(stored.body).toMatchObject({
      status: "filled",
      filled_qty: "2",
      remaining_qty: "0",
      average_price: "178.50",
    });
  });
});
