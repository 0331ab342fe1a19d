import { expect, it } from "vitest";
import { VENDOR_HINTS } from "../../src/bluum/hints.ts";
import { mayRetry } from "../../src/bluum/retry-policy.ts";
import { AppError } from "../../src/core/errors.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { basic, INVESTOR, MARKET_BUY, startRig, TRADING } from "../integration/emulator-support/client.ts";
import { failureOf } from "../unit/bluum/failure.ts";
import { json, scriptedApi } from "../unit/bluum/scripted-api.ts";
import { ask, codeOf, keyed, type RawCall } from "./ask.ts";
import { ownerOf, published, publishedHere } from "./page.ts";

/** The whole catalogue. */
const CATALOGUE = {
  400: ["001", "002", "003", "004", "005", "006", "007", "008"],
  401: ["001", "002", "003", "004", "005"],
  403: ["001", "002", "003", "004"],
  404: ["001", "002", "003"],
  409: ["001", "002", "003"],
  422: ["001", "002", "003", "004", "005"],
  429: ["001"],
  500: ["001", "017"],
};
const CODES = Object.entries(CATALOGUE).flatMap(([status, numbers]) => numbers.map((number) => `${status}-${number}`));

const ORDER = { ...MARKET_BUY, quantity: "1" };
const DEPOSIT = { amount: "10.00", currency: "USD", method: "manual_bank_transfer" };
const PAID_OUT = { ...DEPOSIT, method: "ach", funding_source_id: "fs_1" };

const order = (changes: object): RawCall => ({ method: "POST", path: "/orders", body: { ...ORDER, ...changes } });
const deposit = (changes: object): RawCall => ({
  method: "POST",
  path: "/deposits",
  body: { ...DEPOSIT, ...changes },
  headers: keyed(),
});
const withKey = (authorization: string): RawCall => ({ path: "/orders", headers: { authorization } });

/** What leads to a code, and changes nothing; paths are below the investor's. */
const ASKED: readonly (readonly [code: string, why: string, call: RawCall])[] = [
  ["400-002", "a missing field", order({ symbol: undefined })],
  ["400-004", "an unknown value of an enumeration", order({ side: "hold" })],
  ["400-005", "an amount of three decimals", deposit({ amount: "1.001" })],
  ["400-006", "a quantity of zero", order({ quantity: "0" })],
  ["401-002", "a malformed Authorization header", withKey("Bearer token")],
  ["401-003", "an unknown key", withKey(basic("nobody", "wrong"))],
  ["404-001", "an unknown order", { path: "/orders/ord_does_not_exist" }],
  ["404-003", "an unknown asset", order({ symbol: "NOSUCH" })],
];

published("resources/error-codes", (asked) => {
  it.for(ASKED)("%s: %s", async ([code, _why, call], context) => {
    const { investorId } = ownerOf(asked().target, "current", context);
    const refused = await ask(asked().target, { ...call, path: `/investors/${investorId}${call.path}` });
    expect([refused.status, codeOf(refused)]).toEqual([Number(code.slice(0, 3)), `BLUM-${code}`]);
    expect(refused.headers.get("x-request-id")).toMatch(/\S/);
  });

  it("404-002: an unknown endpoint", async () => {
    const refused = await ask(asked().target, { path: "/nothing" });
    expect([refused.status, codeOf(refused)]).toEqual([404, "BLUM-404-002"]);
  });
});

const EMULATED: readonly (readonly [code: string, why: string, call: RawCall])[] = [
  ["400-001", "two sizes of an order", order({ notional: "5.00" })],
  ["400-003", "an owner's ID of the other generation", { path: `/investors/${EMULATOR_ACCESS.accountId}/orders` }],
  ["400-007", "dates in the wrong order", { path: "/deposits?date_from=2026-02-02&date_to=2026-02-01" }],
  ["400-008", "a body that is too large", order({ filler: "x".repeat(300_000) })],
  ["401-001", "no Authorization header", withKey("")],
  ["401-004", "an inactive key", withKey(basic("emulator_inactive_key", EMULATOR_ACCESS.apiSecret))],
  ["401-005", "an expired key", withKey(basic("emulator_expired_key", EMULATOR_ACCESS.apiSecret))],
  [
    "403-001",
    "a webhook call with an investor's key",
    { path: "/webhooks", headers: { authorization: basic("emulator_investor_key", "emulator_investor_secret") } },
  ],
  ["403-002", "an investor that is not approved", { ...order({}), path: "/investors/inv_emulatorunapproved/orders" }],
  ["403-004", "an investor that is suspended", { ...order({}), path: "/investors/inv_emulatorsuspended/orders" }],
  ["422-001", "more than the money allows", order({ quantity: "1000" })],
  ["422-002", "a closed market", order({ symbol: "CLOSED" })],
  ["422-003", "an asset that cannot be traded", order({ symbol: "HALTED" })],
  ["422-004", "a sale of more than is held", order({ side: "sell" })],
  [
    "422-005",
    "a withdrawal over the limit",
    { method: "POST", path: "/withdrawals", body: { ...PAID_OUT, amount: "50000.01" }, headers: keyed() },
  ],
  ["500-017", "an upstream that is out of reach", order({ symbol: "OUTAGE" })],
];

/** Codes of two requests, of a request over the rate limit, of production only, and of a fault of the server. */
const TESTED_ELSEWHERE = ["404-002", "409-001", "409-002", "409-003", "429-001", "403-003", "500-001"];

publishedHere("resources/error-codes", () => {
  it.each(EMULATED)("%s: %s", async (code, _why, call) => {
    await using rig = await startRig();
    const path =
      call.path.startsWith("/investors") || call.path === "/webhooks" ? call.path : `${INVESTOR}${call.path}`;
    const { body, headers = {} } = call;
    const refused = await rig.call(call.method ?? "GET", path, { body, headers });
    expect([refused.status, codeOf(refused)]).toEqual([Number(code.slice(0, 3)), `BLUM-${code}`]);
  });

  it("409-001, 409-002 and 409-003: a duplicate, a key of another request, and a state that does not allow it", async () => {
    await using rig = await startRig();
    const post = (path: string, body?: object, headers = {}) =>
      rig.call("POST", `${INVESTOR}${path}`, { ...(body === undefined ? {} : { body }), headers });
    const resting = { ...ORDER, type: "limit", limit_price: "1.00", client_order_id: "mine" };
    const { body } = await post("/orders", resting);
    expect(codeOf(await post("/orders", resting))).toBe("BLUM-409-001");
    await post("/deposits", DEPOSIT, { "idempotency-key": "k" });
    expect(codeOf(await post("/deposits", { ...DEPOSIT, amount: "1.00" }, { "idempotency-key": "k" }))).toBe(
      "BLUM-409-002",
    );
    await post(`/orders/${String(body["id"])}/cancel`);
    expect(codeOf(await post(`/orders/${String(body["id"])}/cancel`))).toBe("BLUM-409-003");
  });

  it("every code of the catalogue is tested here, or is named with the reason", () => {
    const tested = [...ASKED, ...EMULATED].map(([code]) => code);
    expect([...tested, ...TESTED_ELSEWHERE].toSorted()).toEqual(CODES.toSorted());
  });

  it("every code has a hint", () => {
    expect(Object.keys(VENDOR_HINTS).toSorted()).toEqual([...CODES, "PRODUCT_NOT_ENABLED"].toSorted());
  });
});

published("platform/errors", (asked) => {
  it("an error of the legacy API has a code and a message, that of the current API an envelope", async (context) => {
    const { target } = asked();
    const unknown = "00000000-0000-4000-8000-00000000dead";
    const legacy = await ask(target, { path: `/trading/accounts/${unknown}/orders` });
    expect(legacy.body).toMatchObject({
      code: expect.stringMatching(/^BLUM-404-\d{3}$/) as string,
      message: expect.stringMatching(/\S/) as string,
    });
    const { investorId } = ownerOf(target, "current", context);
    const current = await ask(target, { path: `/investors/${investorId}/orders/ord_does_not_exist` });
    expect(current.body).toMatchObject({
      error: { code: "BLUM-404-001", message: expect.stringMatching(/\S/) as string },
    });
  });
});

publishedHere("platform/errors", () => {
  it.each([
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
    [422, false],
  ])("a request with status %i is repeated: %s", (status, isRepeated) => {
    expect(mayRetry(new AppError("api_refused", "no", { status }), "always")).toBe(isRepeated);
  });

  it("429-001: a request over the limit of its key, with the time to wait", async () => {
    await using rig = await startRig({ requestsPerSecond: 1, clock: { now: () => 0, sleep: async () => {} } });
    expect((await rig.call("GET", "/webhooks")).status).toBe(200);
    const refused = await rig.call("GET", "/webhooks");
    expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([429, "BLUM-429-001", "1"]);
  });
});

publishedHere("api-reference/openapi.yaml", () => {
  it("a product that is not enabled is refused with a body of its own", async () => {
    const body = { status: "error", code: "PRODUCT_NOT_ENABLED", message: "Trading is not enabled" };
    await using api = await scriptedApi(json(403, body));
    expect(await failureOf(api.client().listWebhooks())).toMatchObject({
      code: "permission_denied",
      message: expect.stringContaining("403: Trading is not enabled") as string,
      vendorCode: "PRODUCT_NOT_ENABLED",
    });
  });
});

publishedHere("example-neo-bank/docs/ach-deposit-withdrawal-contract.md", () => {
  it("a bank that is not linked is refused with a text only", async () => {
    await using api = await scriptedApi(json(400, { error: "No approved ACH relationship found" }));
    expect(await failureOf(api.client().listWebhooks())).toMatchObject({
      code: "api_refused",
      message: expect.stringContaining("400: No approved ACH relationship found") as string,
    });
  });
});

publishedHere("example-neo-bank/docs/api-external-contract.md", () => {
  it("answers to a key have its rate limit, what remains of it, and when it ends; those to no key have none", async () => {
    await using rig = await startRig({ requestsPerSecond: 3, clock: { now: () => 0, sleep: async () => {} } });
    const limitOf = ({ headers }: { headers: Headers }) =>
      ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}`));
    expect(limitOf(await rig.call("GET", `${TRADING}/orders`))).toEqual(["3", "2", "1"]);
    expect(limitOf(await rig.call("GET", `${TRADING}/orders/ord_none`))).toEqual(["3", "1", "1"]);
    const unknown = await rig.call("GET", "/webhooks", { headers: { authorization: basic("nobody", "x") } });
    expect([unknown.status, ...limitOf(unknown)]).toEqual([401, null, null, null]);
    expect(limitOf(await rig.call("GET", `${TRADING}/orders`))).toEqual(["3", "0", "1"]);
  });
});
