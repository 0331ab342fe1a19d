import { describe, expect, test } from "vitest";
import { INVESTOR, type Json, MARKET_BUY, type Rig, startRig, TRADING, until } from "./emulator-support/client.ts";
import { steppedClock } from "./emulator-support/clock.ts";
import { startReceiver } from "./emulator-support/receiver.ts";

const ORDERS = `${INVESTOR}/orders`;

async function place(rig: Rig, fields: Json): Promise<Json> {
  const answer = await rig.call("POST", ORDERS, { body: { ...MARKET_BUY, ...fields } });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

async function settled(rig: Rig, order: Json, ...statuses: string[]): Promise<Json> {
  const look = async () => (await rig.call("GET", `${ORDERS}/${String(order["id"])}`)).body;
  return until(look, (each) => statuses.includes(each["status"] as string));
}

const price = (rig: Rig, symbol: string, value: string) =>
  rig.call("POST", "/_emulator/prices", { body: { symbol, price: value } });

describe("the life of an order", () => {
  test("a notional buy is filled for exactly the quantity that the money buys", async () => {
    await using rig = await startRig();
    const order = await place(rig, { notional: "100.00" });
    expect(order).toMatchObject({ quantity: "0.560224089", notional: "100.00" });
    expect(await settled(rig, order, "filled")).toMatchObject({
      filled_quantity: "0.560224089",
      remaining_quantity: "0",
    });
  });

  test("a bought position can be sold, once, and the money can be spent again", async () => {
    await using rig = await startRig();
    await settled(rig, await place(rig, { quantity: "560" }), "filled");
    const broke = await rig.call("POST", ORDERS, { body: { ...MARKET_BUY, quantity: "1" } });
    expect(broke).toMatchObject({ status: 422, body: { error: { code: "BLUM-422-001" } } });
    await settled(rig, await place(rig, { side: "sell", quantity: "560" }), "filled");
    const short = await rig.call("POST", ORDERS, { body: { ...MARKET_BUY, side: "sell", quantity: "0.1" } });
    expect(short).toMatchObject({ status: 422, body: { error: { code: "BLUM-422-004" } } });
    await settled(rig, await place(rig, { quantity: "560" }), "filled");
  });

  test.each([
    ["a buy limit", { side: "buy", type: "limit", limit_price: "150" }, ["150.01"], "149.99"],
    ["a buy stop", { side: "buy", type: "stop", stop_price: "200" }, ["199.99"], "200.00"],
    [
      "a buy stop-limit",
      { side: "buy", type: "stop_limit", stop_price: "200", limit_price: "205" },
      ["199.99", "206.00"],
      "150.00",
    ],
    [
      "a buy trailing by price",
      { side: "buy", type: "trailing_stop", trail_price: "5" },
      ["100.00", "104.99"],
      "105.00",
    ],
    ["a sell limit", { side: "sell", type: "limit", limit_price: "200" }, ["199.99"], "200.00"],
    ["a sell stop", { side: "sell", type: "stop", stop_price: "150" }, ["150.01"], "150.00"],
    [
      "a sell trailing by percent",
      { side: "sell", type: "trailing_stop", trail_percent: "10" },
      ["300.00", "270.01"],
      "270.00",
    ],
  ])("%s rests until the price reaches it", async (_name, fields, before, reaching) => {
    await using rig = await startRig();
    if (fields.side === "sell") await settled(rig, await place(rig, { quantity: "1" }), "filled");
    const order = await place(rig, { ...fields, quantity: "1" });
    await settled(rig, order, "open");
    for (const value of before) {
      expect((await price(rig, "AAPL", value)).body).toMatchObject({ orders_filled: 0 });
    }
    expect((await price(rig, "AAPL", reaching)).body).toMatchObject({ orders_filled: 1 });
    expect(await settled(rig, order, "filled")).toMatchObject({ average_price: reaching });
  });

  test.each([
    ["a buy limit above it", { side: "buy", type: "limit", limit_price: "200" }],
    ["a buy stop below it", { side: "buy", type: "stop", stop_price: "150" }],
    ["a buy stop-limit around it", { side: "buy", type: "stop_limit", stop_price: "150", limit_price: "200" }],
    ["a sell limit below it", { side: "sell", type: "limit", limit_price: "150" }],
    ["a sell stop above it", { side: "sell", type: "stop", stop_price: "200" }],
  ])("%s is filled at once, at the market price", async (_name, fields) => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    if (fields.side === "sell") await settled(rig, await place(rig, { quantity: "1" }), "filled");
    await rig.subscribe(receiver.url, ["order.*"]);
    const order = await place(rig, { ...fields, quantity: "1" });
    const events = (await receiver.waitFor(2)).map(({ payload }) => payload.event);
    expect(events).toEqual(["order.accepted", "order.filled"]);
    expect(await settled(rig, order, "filled")).toMatchObject({ average_price: "178.50" });
  });

  test("a price sends the fill's event after its own response, and releases the rest of the reserve", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);
    await price(rig, "AAPL", "2000");
    const order = await place(rig, { type: "limit", limit_price: "1000", quantity: "100" });
    await receiver.waitFor(1);
    const refused = await rig.call("POST", ORDERS, { body: { ...MARKET_BUY, quantity: "1" } });
    expect(refused.status).toBe(422);
    await price(rig, "AAPL", "100");
    const [, filled] = await receiver.waitFor(2);
    expect(filled?.payload).toMatchObject({
      event: "order.filled",
      data: { id: order["id"], average_price: "100.00" },
    });
    await settled(rig, await place(rig, { quantity: "900" }), "filled");
  });

  test("a resting order can be canceled once, and its reserve is released", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);
    await price(rig, "AAPL", "2000");
    const order = await place(rig, { type: "limit", limit_price: "1000", quantity: "100" });
    await receiver.waitFor(1);
    const path = `${ORDERS}/${String(order["id"])}/cancel`;
    expect(await rig.call("POST", path)).toMatchObject({ status: 200, body: { status: "cancelled" } });
    const [, canceled] = await receiver.waitFor(2);
    expect(canceled?.payload).toMatchObject({ event: "order.canceled", data: { status: "cancelled" } });
    expect(await rig.call("POST", path)).toMatchObject({ status: 409, body: { error: { code: "BLUM-409-003" } } });
    expect((await price(rig, "AAPL", "100")).body).toMatchObject({ orders_filled: 0 });
    await settled(rig, await place(rig, { quantity: "1000" }), "filled");
  });

  test.each([
    ["is canceled when the market does not reach it", "100", "cancelled", "order.canceled"],
    ["is filled when the market reaches it", "200", "filled", "order.filled"],
  ])("an immediate-or-cancel limit order %s", async (_name, limit, status, event) => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);
    const order = await place(rig, { type: "limit", limit_price: limit, time_in_force: "ioc", quantity: "1" });
    expect((await receiver.waitFor(2)).map(({ payload }) => payload.event)).toEqual(["order.accepted", event]);
    await settled(rig, order, status);
  });

  test("REJECT is accepted and then rejected, with a reason", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);
    const order = await place(rig, { symbol: "REJECT", quantity: "1" });
    const [accepted, rejected] = await receiver.waitFor(2);
    expect(accepted?.payload.event).toBe("order.accepted");
    expect(rejected?.payload).toMatchObject({
      event: "order.rejected",
      data: { status: "failed", failure_reason: "The exchange rejected the order." },
    });
    await settled(rig, order, "failed");
  });

  test("PARTIAL is filled in two parts", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);
    await place(rig, { symbol: "PARTIAL", quantity: "3" });
    const [, first, second] = await receiver.waitFor(3);
    expect(first?.payload).toMatchObject({
      event: "order.partially_filled",
      data: { status: "partial", filled_quantity: "1.5" },
    });
    expect(second?.payload).toMatchObject({ event: "order.filled", data: { filled_quantity: "3" } });
  });

  test("an order that is canceled between its two fills keeps the first and never gets the second", async () => {
    const clock = steppedClock();
    await using receiver = await startReceiver();
    await using rig = await startRig({ clock });
    await rig.subscribe(receiver.url, ["order.*"]);
    const order = await place(rig, { symbol: "PARTIAL", quantity: "3" });
    await settled(rig, order, "partial");
    const canceled = await rig.call("POST", `${ORDERS}/${String(order["id"])}/cancel`);
    expect(canceled.body).toMatchObject({ status: "cancelled", filled_quantity: "1.5", remaining_quantity: "1.5" });
    clock.step();
    rig.emulator.emit("order.later", { id: order["id"] });
    const events = (await receiver.waitFor(4)).map(({ payload }) => payload.event);
    expect(events).toEqual(["order.accepted", "order.partially_filled", "order.canceled", "order.later"]);
    await settled(rig, order, "cancelled");
  });

  test("an unknown symbol can be traded once it has a price", async () => {
    await using rig = await startRig();
    await price(rig, "NEWCO", "3.5");
    expect(await settled(rig, await place(rig, { symbol: "NEWCO", quantity: "2" }), "filled")).toMatchObject({
      average_price: "3.50",
    });
  });
});

describe("the identity of orders", () => {
  test("a client_order_id can be used for one order", async () => {
    await using rig = await startRig();
    const body = { ...MARKET_BUY, quantity: "1", client_order_id: "mine" };
    expect((await rig.call("POST", ORDERS, { body })).body).toMatchObject({ client_order_id: "mine" });
    expect(await rig.call("POST", ORDERS, { body })).toMatchObject({
      status: 409,
      body: { error: { code: "BLUM-409-001" } },
    });
    const legacy = await rig.call("POST", `${TRADING}/orders`, { body: { ...body, qty: "1" } });
    expect(legacy.status).toBe(201);
  });

  test("the same idempotency key and body return the first response again, and no second order", async () => {
    await using rig = await startRig();
    const options = { body: { ...MARKET_BUY, quantity: "1" }, headers: { "idempotency-key": "k" } };
    const first = await rig.call("POST", ORDERS, options);
    const second = await rig.call("POST", ORDERS, options);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect((await rig.call("GET", ORDERS)).body["data"]).toHaveLength(1);
  });

  test("lists are newest first: an envelope with pages in the current API, an array in the legacy one", async () => {
    await using rig = await startRig();
    const ids = [];
    for (const quantity of ["1", "2", "3"]) ids.unshift((await place(rig, { quantity }))["id"]);
    const { body } = await rig.call("GET", `${ORDERS}?limit=2`);
    expect(body).toMatchObject({ object: "list", url: `/v1${ORDERS}`, has_more: true });
    expect((body["data"] as Json[]).map((each) => each["id"])).toEqual(ids.slice(0, 2));

    await rig.call("POST", `${TRADING}/orders`, { body: { ...MARKET_BUY, qty: "1" } });
    const legacy = (await rig.call("GET", `${TRADING}/orders`)).body as unknown as Json[];
    expect(legacy).toMatchObject([{ qty: "1" }]);
  });

  test.each([
    { generation: "current", path: ORDERS, size: "quantity", canceled: "cancelled", all: "open", half: "partial" },
    {
      generation: "legacy",
      path: `${TRADING}/orders`,
      size: "qty",
      canceled: "canceled",
      all: "accepted",
      half: "filled",
    },
  ])("the $generation list is filtered by status, symbol and side", async ({ path, size, canceled, all, half }) => {
    await using rig = await startRig();
    const ids: Record<string, unknown> = {};
    const orders = [
      ["resting", { symbol: "AAPL", type: "limit", limit_price: "1.00" }],
      ["canceled", { symbol: "MSFT", type: "limit", limit_price: "1.00" }],
      ["filled", { symbol: "MSFT" }],
    ] as const;
    for (const [name, fields] of orders) {
      ids[name] = (await rig.call("POST", path, { body: { ...MARKET_BUY, ...fields, [size]: "1" } })).body["id"];
      expect(ids[name]).toMatch(/^ord_/);
    }
    const listed = async (query: string) => {
      const { body } = await rig.call("GET", `${path}?${query}`);
      return ((Array.isArray(body) ? body : body["data"]) as Json[]).map(({ id }) => id);
    };
    await until(
      () => listed("status=filled"),
      (found) => found.length === 1,
    );
    await rig.call("POST", `${path}/${String(ids["canceled"])}/cancel`);
    expect(await listed(`status=${canceled}`)).toEqual([ids["canceled"]]);
    expect(await listed(`status=${all}`)).toEqual([ids["resting"]]);
    expect(await listed("symbol=msft")).toEqual([ids["filled"], ids["canceled"]]);
    expect(await listed("side=sell")).toEqual([]);
    expect(await listed(`side=buy&symbol=AAPL&status=${half}`)).toEqual([]);
  });

  test("a legacy order is canceled on its own path, once", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["order.*"]);
    const body = { ...MARKET_BUY, type: "limit", limit_price: "1.00", qty: "3" };
    const { body: order } = await rig.call("POST", `${TRADING}/orders`, { body });
    await receiver.waitFor(1);
    const path = `${TRADING}/orders/${String(order["id"])}/cancel`;
    expect(await rig.call("POST", path)).toMatchObject({
      status: 200,
      body: { id: order["id"], status: "canceled", filled_qty: "0", canceled_at: expect.any(String) },
    });
    const [, canceled] = await receiver.waitFor(2);
    expect(canceled?.payload).toMatchObject({ event: "order.canceled", data: { status: "canceled", qty: "3" } });
    expect(await rig.call("POST", path)).toMatchObject({ status: 409, body: { code: "BLUM-409-003" } });
  });

  test("an order of one generation is not found in the other", async () => {
    await using rig = await startRig();
    const order = await place(rig, { quantity: "1" });
    expect((await rig.call("GET", `/trading/orders/${String(order["id"])}`)).status).toBe(404);
  });
});
