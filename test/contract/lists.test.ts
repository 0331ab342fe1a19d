import { expect, it } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { basic, type Json, startRig } from "../integration/emulator-support/client.ts";
import { ask } from "./ask.ts";
import { ownerOf, published, publishedHere } from "./page.ts";

published("get-started/how-the-api-works", (asked) => {
  it("a list of the current API is an object with its pages, of at most 200", async (context) => {
    const { target } = asked();
    const path = `/investors/${ownerOf(target, "current", context).investorId}/orders`;
    const list = await ask(target, { path: `${path}?limit=200` });
    expect(list).toMatchObject({ status: 200, body: { object: "list", has_more: expect.any(Boolean) as boolean } });
    expect(list.body["data"]).toBeInstanceOf(Array);
    expect((await ask(target, { path: `${path}?limit=201` })).status).toBe(400);
  });

  it("every answer has a request ID", async () => {
    const { headers } = await ask(asked().target, { path: "/webhooks/event-types" });
    expect(headers.get("x-request-id")).toMatch(/\S/);
  });

  it("an ID of another form than published is refused: raw UUIDs", async () => {
    const path = "/investors/3d0b0e65-35d3-4dcd-8df7-10286ebb4b4b/orders";
    expect((await ask(asked().target, { path })).status).toBe(400);
  });
});

published("api-reference/trading/list-orders-for-an-account", (asked) => {
  it("a list of the legacy API has at most 100 in a page", async (context) => {
    const { target } = asked();
    const path = `/trading/accounts/${ownerOf(target, "legacy", context).accountId}/orders`;
    const list = await ask(target, { path: `${path}?limit=100` });
    expect(list.status).toBe(200);
    expect(list.body).toBeInstanceOf(Array);
    expect((await ask(target, { path: `${path}?limit=101` })).status).toBe(400);
  });
});

publishedHere("get-started/how-the-api-works", () => {
  it("a page has 50 unless it is asked for more, and says whether there are more", async () => {
    await using rig = await startRig();
    const body = { url: "http://127.0.0.1:9/hook", eventTypeNames: ["order.*"] };
    for (let nth = 0; nth < 51; nth += 1) await rig.call("POST", "/webhooks", { body });
    const page = async (query: string) => {
      const { body: list } = await rig.call("GET", `/webhooks${query}`);
      return [(list["data"] as Json[]).length, list["has_more"]];
    };
    expect(await page("")).toEqual([50, true]);
    expect(await page("?limit=200")).toEqual([51, false]);
    expect(await page("?offset=50")).toEqual([1, false]);
  });

  it("an idempotency key expires after 24 hours", async () => {
    let now = Date.now();
    await using rig = await startRig({ clock: { now: () => now, sleep: async () => {} } });
    const authorization = basic(EMULATOR_ACCESS.apiKey, EMULATOR_ACCESS.apiSecret);
    const deposit = async () => {
      const path = `/investors/${EMULATOR_ACCESS.investorId}/deposits`;
      const body = { amount: "10.00", currency: "USD", method: "manual_bank_transfer" };
      return (await rig.call("POST", path, { body, headers: { authorization, "idempotency-key": "k" } })).body["id"];
    };
    const first = await deposit();
    now += 24 * 60 * 60_000 - 1;
    expect(await deposit()).toBe(first);
    now += 1;
    expect(await deposit()).not.toBe(first);
  });
});
