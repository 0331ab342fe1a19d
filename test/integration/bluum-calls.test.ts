import { describe, expect, it } from "vitest";
import { type ApiCall, type BluumClient, orderRequest, transferRequest } from "../../src/bluum/client.ts";
import { json, reset, SECRETS, scriptedApi, webhook } from "../unit/bluum/scripted-api.ts";

const OWNER = { generation: "current", investorId: "inv_1" } as const;
const ORDER = { symbol: "AAPL", side: "buy", type: "market", timeInForce: "day", quantity: "1" };
const MONEY = { amount: "5.00", currency: "USD", method: "manual_bank_transfer" };

describe("the client", () => {
  it.each<[string, (client: BluumClient) => Promise<unknown>, string, unknown, unknown]>([
    ["lists event types", (c) => c.listEventTypes(), "GET /v1/webhooks/event-types", undefined, []],
    ["lists webhooks", (c) => c.listWebhooks(), "GET /v1/webhooks", undefined, [webhook()]],
    [
      "creates a webhook",
      (c) => c.createWebhook({ name: "n", url: "https://a.example", events: ["order.*"], description: null }),
      "POST /v1/webhooks",
      { name: "n", url: "https://a.example", eventTypeNames: ["order.*"], description: null },
      webhook(),
    ],
    [
      "updates a webhook with only what is given",
      (c) => c.updateWebhook("wh/1", { status: "INACTIVE", name: undefined }),
      "PATCH /v1/webhooks/wh%2F1",
      { status: "INACTIVE" },
      webhook(),
    ],
    [
      "deletes a webhook",
      (c) => c.deleteWebhook("wh_1"),
      "DELETE /v1/webhooks/wh_1",
      undefined,
      { message: "deleted" },
    ],
    [
      "places an order",
      (c) => c.createOrder(orderRequest(OWNER, ORDER, "k")),
      "POST /v1/investors/inv_1/orders",
      orderRequest(OWNER, ORDER, "k").body,
      { id: "ord_1", status: "pending" },
    ],
    [
      "starts a transfer",
      (c) => c.createTransfer(transferRequest("deposit", OWNER, MONEY, "k")),
      "POST /v1/investors/inv_1/deposits",
      MONEY,
      { deposit_id: "dep_1", status: "pending" },
    ],
    [
      "sends any request",
      (c) => c.send(transferRequest("withdrawal", OWNER, { ...MONEY, fundingSourceId: "fs_1" }, "k")),
      "POST /v1/investors/inv_1/withdrawals",
      { ...MONEY, funding_source_id: "fs_1" },
      { anything: true },
    ],
  ])("%s", async (_name, call, line, body, answer) => {
    await using api = await scriptedApi(json(200, answer));
    await call(api.client());
    expect(api.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([line]);
    expect(api.seen[0]?.body).toEqual(body);
  });

  it("sends its credentials, its name, and the idempotency key", async () => {
    await using api = await scriptedApi(json(201, ord()));
    await api.client().createOrder(orderRequest(OWNER, ORDER, "key-1"));
    expect(api.seen[0]?.headers).toMatchObject({
      authorization: `Basic ${SECRETS[2]}`,
      "user-agent": "bluum-hooks/test",
      "content-type": "application/json",
      "idempotency-key": "key-1",
    });
  });

  it("follows the pages of a list to its end", async () => {
    await using api = await scriptedApi(page([1, 2], true), page([3], true), page([4], false));
    const webhooks = await api.client().listWebhooks();
    expect(webhooks.map(({ id }) => id)).toEqual(["wh_1", "wh_2", "wh_3", "wh_4"]);
    expect(api.seen.map(({ path }) => path)).toEqual([
      "/v1/webhooks",
      "/v1/webhooks?limit=100&offset=2",
      "/v1/webhooks?limit=100&offset=3",
    ]);
  });

  it("ends a list whose pages repeat", async () => {
    const same = json(200, { has_more: true, data: [webhook()] });
    await using api = await scriptedApi(same, same);
    expect(await api.client().listWebhooks()).toHaveLength(1);
    expect(api.seen).toHaveLength(2);
  });

  it("stops at a list that never ends", async () => {
    const pages = Array.from({ length: 101 }, (_, n) =>
      json(200, { has_more: true, data: [webhook({ id: `wh_${n}` })] }),
    );
    await using api = await scriptedApi(...pages);
    await expect(api.client().listWebhooks()).rejects.toMatchObject({ code: "api_invalid_response" });
    expect(api.seen).toHaveLength(100);
  });

  it.each(["", "..", "."])("refuses %j as a webhook id, and sends nothing", async (id) => {
    await using api = await scriptedApi();
    await expect(api.client().deleteWebhook(id)).rejects.toMatchObject({ code: "invalid_usage" });
    await expect(api.client().updateWebhook(id, {})).rejects.toMatchObject({ code: "invalid_usage" });
    expect(api.seen).toHaveLength(0);
  });

  it("reports every attempt, without a secret", async () => {
    const calls: ApiCall[] = [];
    await using api = await scriptedApi(
      reset,
      json(500, {}, { "x-request-id": `req ${SECRETS[2]}` }),
      json(200, [], { "x-request-id": "req_3" }),
    );
    await api.client({ onCall: (call) => calls.push(call) }).listEventTypes();
    const call = { method: "GET", path: "/webhooks/event-types", durationMs: expect.any(Number) };
    expect(calls).toEqual([
      { ...call, status: null, requestId: null, attempt: 1 },
      { ...call, status: 500, requestId: "req [hidden]", attempt: 2 },
      { ...call, status: 200, requestId: "req_3", attempt: 3 },
    ]);
  });
});

function ord() {
  return { id: "ord_1", status: "filled" };
}

function page(ids: number[], has_more: boolean) {
  return json(200, { object: "list", has_more, data: ids.map((n) => webhook({ id: `wh_${n}` })) });
}
