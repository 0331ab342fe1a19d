import { expect, it } from "vitest";
import { INVESTOR_SCOPED_ACCESS } from "../../src/emulator/access.ts";
import { basic, type Json, MARKET_BUY, startRig, until } from "../integration/emulator-support/client.ts";
import { startReceiver } from "../integration/emulator-support/receiver.ts";
import { ask, codeOf } from "./ask.ts";
import { CREATES_ACCOUNT, CREATES_INVESTOR } from "./published/owners.ts";
import { published, publishedHere } from "./page.ts";

const INVESTOR = CREATES_INVESTOR[0]?.body as Json & { address: Json; signed_agreements: Json[] };
const ACCOUNT = CREATES_ACCOUNT[0]?.body as Json & { contact: Json };

// Every refused request leaves the sandbox as it was.
published("guides/self-directed/account-onboarding", (asked) => {
  it.each<[fault: string, body: Json, code: string]>([
    ["without an email address", { ...INVESTOR, email: undefined }, "400-002"],
    ["without a street", { ...INVESTOR, address: { ...INVESTOR.address, street: undefined } }, "400-002"],
    ["with a phone number without its country", { ...INVESTOR, phone: "4155551234" }, "400-003"],
    ["with a date that is not ISO", { ...INVESTOR, date_of_birth: "05/15/1990" }, "400-003"],
    ["with a country in words", { ...INVESTOR, country_of_birth: "USA" }, "400-003"],
    ["of an unknown type", { ...INVESTOR, account_type: "club" }, "400-004"],
  ])("an investor %s is not created", async (_fault, body, code) => {
    const refused = await ask(asked().target, { method: "POST", path: "/investors", body });
    expect([refused.status, codeOf(refused)]).toEqual([400, `BLUM-${code}`]);
  });

  it("an account whose contact lacks an email address is not created", async () => {
    const body = { ...ACCOUNT, contact: { ...ACCOUNT.contact, email_address: undefined } };
    const refused = await ask(asked().target, { method: "POST", path: "/accounts", body });
    expect([refused.status, codeOf(refused)]).toEqual([400, "BLUM-400-002"]);
  });
});

published("api-reference/investors/create-a-new-investor", (asked) => {
  it("an investor without the agreement on margin is not created", async () => {
    const body = { ...INVESTOR, signed_agreements: INVESTOR.signed_agreements.slice(0, 1) };
    expect((await ask(asked().target, { method: "POST", path: "/investors", body })).status).toBe(400);
  });
});

/** What the sandbox would keep. */
publishedHere("guides/self-directed/account-onboarding", () => {
  it.each([
    ["/investors", INVESTOR],
    ["/accounts", ACCOUNT],
  ])("a second one with the same email address is a duplicate: POST %s", async (path, body) => {
    await using rig = await startRig();
    expect((await rig.call("POST", path, { body })).status).toBe(201);
    const again = await rig.call("POST", path, { body });
    expect(again.status).toBe(409);
    expect(JSON.stringify(again.body)).toContain("BLUM-409-001");
  });
});

publishedHere("concepts/compliance-kyc", () => {
  it("a new investor of the sandbox has no money, is active at once, and its events say so", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["account.*", "kyc.*", "transfer.deposit.completed"]);
    const created = await rig.call("POST", "/investors", { body: INVESTOR });
    expect(created).toMatchObject({ status: 201, body: { status: "onboarding", balance: "0.00" } });
    expect(JSON.stringify(created.body)).not.toContain(String(INVESTOR["tax_id"]));
    const id = String(created.body["id"]);
    const path = `/investors/${id}`;
    expect((await rig.call("GET", path)).body).toMatchObject({ status: "active", email: "jane.doe@example.com" });
    const [account, verified] = await receiver.waitFor(2);
    expect(account?.payload).toMatchObject({ event: "account.created", data: { id, investor_id: id } });
    expect(verified?.payload).toMatchObject({ event: "kyc.verification.approved", data: { investor_id: id } });
    const buy = () => rig.call("POST", `${path}/orders`, { body: { ...MARKET_BUY, quantity: "1" } });
    expect((await buy()).status).toBe(422);
    const deposit = { amount: "500.00", currency: "USD", method: "ach", funding_source_id: "fs_1" };
    await rig.call("POST", `${path}/deposits`, { body: deposit, headers: { "idempotency-key": "k" } });
    await receiver.waitFor(3);
    expect((await buy()).status).toBe(201);
    await until(
      async () => (await rig.call("GET", `${path}/positions`)).body["data"] as Json[],
      (positions) => positions.length === 1,
    );
  });
});

publishedHere("get-started/how-the-api-works", () => {
  it("an idempotency key creates one investor, and a key of a single investor creates none", async () => {
    await using rig = await startRig();
    const headers = { "idempotency-key": "k" };
    const first = await rig.call("POST", "/investors", { body: INVESTOR, headers });
    expect((await rig.call("POST", "/investors", { body: INVESTOR, headers })).body).toEqual(first.body);
    const { apiKey, apiSecret } = INVESTOR_SCOPED_ACCESS;
    const scoped = { authorization: basic(apiKey, apiSecret) };
    expect((await rig.call("POST", "/investors", { body: INVESTOR, headers: scoped })).status).toBe(403);
  });
});
