import { describe, expect, test } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import {
  ACCOUNT,
  INVESTOR,
  type Json,
  MARKET_BUY,
  type Rig,
  startRig,
  TRADING,
  until,
} from "./emulator-support/client.ts";
import { startReceiver } from "./emulator-support/receiver.ts";

/** The items of a list of either generation. */
function itemsOf(body: Json, name: string): Json[] {
  return (Array.isArray(body) ? body : (body["data"] ?? body[name])) as Json[];
}

const GENERATIONS = [
  { generation: "current", owner: INVESTOR, trading: INVESTOR, size: "quantity", by: "investor_id" },
  { generation: "legacy", owner: ACCOUNT, trading: TRADING, size: "qty", by: "account_id" },
] as const;

describe.each(GENERATIONS)("what an app reads from the $generation API", ({ generation, owner, trading, size, by }) => {
  const id = generation === "current" ? EMULATOR_ACCESS.investorId : EMULATOR_ACCESS.accountId;
  const read = async (rig: Rig, path: string, name: string) => {
    const { status, body } = await rig.call("GET", path);
    expect(status).toBe(200);
    return itemsOf(body, name);
  };
  const order = async (rig: Rig, fields: Json) => {
    const { status, body } = await rig.call("POST", `${trading}/orders`, { body: { ...MARKET_BUY, ...fields } });
    expect(status).toBe(201);
    return body;
  };
  const held = (rig: Rig, count: number) =>
    until(
      () => read(rig, `${trading}/positions`, "positions"),
      (positions) => positions.length === count,
    );
  const dollars = async (rig: Rig) =>
    (await read(rig, `${owner}/wallets`, "wallets")).find(({ currency }) => currency === "USD");

  test("a position has its cost, its value and its profit, and is gone when it is sold", async () => {
    await using rig = await startRig();
    expect(await read(rig, `${trading}/positions`, "positions")).toEqual([]);
    await order(rig, { [size]: "10" });
    await held(rig, 1);
    await rig.call("POST", "/_emulator/prices", { body: { symbol: "AAPL", price: "180.00" } });
    const [position] = await read(rig, `${trading}/positions?symbol=aapl&non_zero_only=true`, "positions");
    expect(position).toMatchObject({
      id: expect.stringMatching(/^pos_/),
      [by]: id,
      symbol: "AAPL",
      quantity: "10",
      average_cost_basis: "178.50",
      total_cost_basis: "1785.00",
      current_price: "180.00",
      market_value: "1800.00",
      unrealized_pl: "15.00",
      unrealized_pl_percent: "0.84",
    });
    const one = await rig.call("GET", `${trading}/positions/${String(position?.["id"])}`);
    expect(one).toMatchObject({ status: 200, body: { id: position?.["id"], quantity: "10" } });
    expect((await rig.call("GET", `${trading}/positions/pos_nobody`)).status).toBe(404);
    await order(rig, { side: "sell", [size]: "4" });
    await until(
      () => read(rig, `${trading}/positions`, "positions"),
      ([left]) => left?.["quantity"] === "6",
    );
    expect(await read(rig, `${trading}/positions`, "positions")).toMatchObject([
      { average_cost_basis: "178.50", total_cost_basis: "1071.00" },
    ]);
    await order(rig, { side: "sell", [size]: "6" });
    await held(rig, 0);
  });

  test("a wallet separates what is available from what open buys reserve", async () => {
    await using rig = await startRig();
    const before = { balance: "100000.00", available_balance: "100000.00", reserved_balance: "0.00" };
    expect(await dollars(rig)).toMatchObject(before);
    const resting = await order(rig, { type: "limit", limit_price: "1.00", [size]: "100" });
    const during = { balance: "100000.00", available_balance: "99900.00", reserved_balance: "100.00" };
    expect(await dollars(rig)).toMatchObject(during);
    await rig.call("POST", `${trading}/orders/${String(resting["id"])}/cancel`);
    expect(await dollars(rig)).toMatchObject(before);
    await order(rig, { [size]: "10" });
    await held(rig, 1);
    expect(await dollars(rig)).toMatchObject({ balance: "98215.00", reserved_balance: "0.00" });
    expect((await rig.call("GET", owner)).body).toMatchObject({ id, balance: "98215.00", last_equity: "100000.00" });
  });

  test("transactions list what moved money, newest first, and can be filtered", async () => {
    await using rig = await startRig();
    const deposit = { amount: "250.00", currency: "USD", method: "manual_bank_transfer", description: "Savings" };
    await rig.call("POST", `${owner}/deposits`, { body: deposit, headers: { "idempotency-key": "k" } });
    await order(rig, { [size]: "10" });
    await held(rig, 1);
    const all = await read(rig, `${owner}/transactions`, "transactions");
    expect(all.map(({ type }) => type)).toEqual(generation === "current" ? ["buy", "deposit"] : ["deposit"]);
    const pending = {
      type: "deposit",
      status: "pending",
      amount: "250.00",
      description: "Savings",
      completed_at: null,
    };
    expect(await read(rig, `${owner}/transactions?type=deposit`, "transactions")).toMatchObject([pending]);
    expect(await read(rig, `${owner}/transactions?type=withdrawal`, "transactions")).toEqual([]);
    expect((await rig.call("GET", `${owner}/transactions?type=gift`)).status).toBe(400);
  });

  test("an approved check is answered and published, and makes an unapproved owner active", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["kyc.*"]);
    const unapproved =
      generation === "current" ? "/investors/inv_emulatorunapproved" : "/accounts/00000000-0000-4000-8000-403000000002";
    const [, , ownerId] = unapproved.split("/");
    const trade = async () => {
      const path = generation === "current" ? unapproved : `/trading${unapproved}`;
      return (await rig.call("POST", `${path}/orders`, { body: { ...MARKET_BUY, [size]: "1" } })).status;
    };
    const submit = (body: Json) => rig.call("POST", `${unapproved}/compliance/submit`, { body });
    expect(await trade()).toBe(403);
    expect(await submit({ event_type: "inquiry.completed" })).toMatchObject({ body: { status: "pending" } });
    expect(await submit({ event_type: "inquiry.declined" })).toMatchObject({ body: { status: "failed" } });
    expect(await trade()).toBe(403);
    const approved = await submit({
      workflow_id: "cw_1",
      check_type: "identity_verification",
      provider_payload: { event_type: "inquiry.approved", inquiry_id: "inq_1", status: "approved" },
    });
    expect(approved).toMatchObject({
      status: 200,
      body: { workflow_id: "cw_1", check_type: "identity_verification", status: "clear", external_id: "inq_1" },
    });
    const [rejection, approval] = await receiver.waitFor(2);
    expect(rejection?.payload.event).toBe("kyc.verification.rejected");
    expect(approval?.payload).toMatchObject({
      event: "kyc.verification.approved",
      data: { id: "cw_1", [by]: ownerId, status: "clear" },
    });
    expect(await trade()).toBe(201);
    await rig.call("POST", "/_emulator/reset");
    expect(await trade()).toBe(403);
  });
});

test("the compliance status follows the result of the check", async () => {
  await using rig = await startRig();
  const path = "/investors/inv_emulatorunapproved/compliance";
  expect((await rig.call("GET", path)).body).toMatchObject({
    object: "compliance_workflow",
    status: "awaiting_review",
  });
  await rig.call("POST", `${path}/submit`, { body: { event_type: "inquiry.approved" } });
  expect((await rig.call("GET", path)).body).toMatchObject({ workflow_status: "APPROVED", status: "approved" });
  expect((await rig.call("GET", "/investors/inv_emulatorsuspended")).body).toMatchObject({ status: "suspended" });
});

test.each(["current", "legacy"] as const)("assets of the %s API are filtered", async (generation) => {
  await using rig = await startRig({ generation });
  const symbols = async (query: string) => {
    const { status, body } = await rig.call("GET", `/assets?${query}`);
    expect(status).toBe(200);
    return itemsOf(body, "assets").map(({ symbol }) => symbol);
  };
  const tradable = await symbols("asset_class=us_equity&tradable=true");
  expect(tradable).toContain("AAPL");
  expect(tradable).not.toContain("HALTED");
  expect(await symbols("tradable=false")).toEqual(["HALTED"]);
  expect(await symbols("asset_class=crypto")).toEqual([]);
  expect((await rig.call("GET", "/assets?tradable=perhaps")).status).toBe(400);
});
