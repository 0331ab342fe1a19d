// The test suite of a customer, written against Bluum's guide. It knows nothing of the emulator.
/* oxlint-disable typescript/no-floating-promises -- node:test awaits its tests itself */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, balance, call, cancelOrder, deposit, placeOrder, positions, statusOf, withdraw } from "../bluum.js";
import { receive } from "../webhooks.js";

let webhooks;
before(async () => {
  webhooks = await receive(["order.*", "transfer.*"]);
});
after(() => webhooks.close());

test("the credentials are accepted, and AAPL can be traded", async () => {
  const assets = api.list(await call("GET", "/assets?asset_class=us_equity&tradable=true"));
  assert.ok(assets.some(({ symbol, tradable }) => symbol === "AAPL" && tradable));
});

test("a deposit arrives, and can be spent", async () => {
  const start = await balance();
  const id = await deposit("5000.00");
  const { status } = await statusOf(`${api.owner}/deposits/${id}`, "completed");
  assert.equal(status, "completed");
  assert.equal(await balance(), start + 5000);
  assert.equal((await webhooks.next("transfer.deposit.completed")).id, id);
});

test("a market order is filled, published, and becomes a position", async () => {
  const order = await placeOrder({ symbol: "AAPL", side: "buy", type: "market", quantity: "10" });
  const filled = await webhooks.next("order.filled");
  assert.equal(filled.id, order.id);
  assert.equal(filled.status, "filled");
  const { average_price: price } = await statusOf(api.order(order.id), "filled");
  assert.equal(filled.average_price, price);
  const position = (await positions()).find(({ symbol }) => symbol === "AAPL");
  assert.equal(Number(position.quantity), 10);
  assert.equal(position.average_cost_basis, price);
});

test("an order that rests is canceled, and its money is free again", async () => {
  const start = await balance();
  const order = await placeOrder({ symbol: "MSFT", side: "buy", type: "limit", quantity: "5", limit_price: "1.00" });
  assert.equal(await balance(), start - 5);
  assert.equal((await cancelOrder(order.id)).status, api.canceled);
  assert.equal((await webhooks.next("order.canceled")).id, order.id);
  assert.equal(await balance(), start);
  await assert.rejects(cancelOrder(order.id), { code: "BLUM-409-003" });
});

test("a position is sold, and the money is withdrawn to the bank", async () => {
  const order = await placeOrder({ symbol: "AAPL", side: "sell", type: "market", quantity: "10" });
  await statusOf(api.order(order.id), "filled");
  assert.deepEqual(await positions(), []);
  const start = await balance();
  const id = await withdraw("1000.00");
  assert.equal(await balance(), start - 1000);
  await statusOf(`${api.owner}/withdrawals/${id}`, "completed");
  assert.equal((await webhooks.next("transfer.withdrawal.completed")).id, id);
});

test("more than there is cannot be spent", async () => {
  const order = { symbol: "AAPL", side: "buy", type: "market", quantity: "1000000" };
  await assert.rejects(placeOrder(order), { code: "BLUM-422-001" });
});
