import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  cancelRequest,
  type NewOrder,
  type NewTransfer,
  orderRequest,
  toCurl,
  transferRequest,
} from "../../../src/bluum/client.ts";
import type { Owner } from "../../../src/core/id-rules.ts";

const UUID = "3f2b8a10-8a9d-4a55-9f0c-0e7f3a6f2b11";
const CURRENT: Owner = { generation: "current", investorId: "inv_01j9" };
const LEGACY: Owner = { generation: "legacy", accountId: UUID };
const MARKET: NewOrder = { symbol: "AAPL", side: "buy", type: "market", timeInForce: "day", quantity: "1.5" };

describe("an order request", () => {
  it("uses the current generation's path and field names", () => {
    expect(orderRequest(CURRENT, MARKET, "key-1")).toEqual({
      method: "POST",
      path: "/investors/inv_01j9/orders",
      body: {
        symbol: "AAPL",
        side: "buy",
        type: "market",
        time_in_force: "day",
        quantity: "1.5",
        client_order_id: "key-1",
      },
      idempotencyKey: "key-1",
    });
  });

  it("uses the legacy generation's path and field names", () => {
    const request = orderRequest(LEGACY, { ...MARKET, clientOrderId: "mine" }, "key-1");
    expect(request.path).toBe(`/trading/accounts/${UUID}/orders`);
    expect(request.body).toMatchObject({ qty: "1.5", client_order_id: "mine" });
    expect(request.body).not.toHaveProperty("quantity");
  });

  const market = (changes: Partial<NewOrder>): NewOrder => ({ ...MARKET, ...changes });
  it.each([
    [market({ type: "limit", limitPrice: "10" }), { limit_price: "10" }],
    [market({ type: "stop", stopPrice: "9.5" }), { stop_price: "9.5" }],
    [market({ type: "stop_limit", stopPrice: "9", limitPrice: "8" }), { stop_price: "9", limit_price: "8" }],
    [market({ type: "trailing_stop", trailPercent: "5" }), { trail_percent: "5" }],
    [market({ type: "trailing_stop", trailPrice: "5" }), { trail_price: "5" }],
    [market({ quantity: undefined, notional: "100.00" }), { notional: "100.00" }],
    [market({ timeInForce: "opg", walletCurrency: "USD" }), { time_in_force: "opg", wallet_currency: "USD" }],
    [
      market({ extendedHours: true, commission: "0.10", commissionType: "notional" }),
      { extended_hours: true, commission: "0.10", commission_type: "notional" },
    ],
  ])("carries %o", (order, body) => {
    expect(orderRequest(CURRENT, order, "k").body).toMatchObject(body);
  });

  it.each<[string, Owner, NewOrder]>([
    ["--symbol", CURRENT, market({ symbol: " " })],
    ["--side", CURRENT, market({ side: "hold" })],
    ["--type", CURRENT, market({ type: "iceberg" })],
    ["--tif", CURRENT, market({ timeInForce: "soon" })],
    ["--tif", LEGACY, market({ timeInForce: "opg" })],
    ["--wallet-currency", LEGACY, market({ walletCurrency: "USD" })],
    ["--wallet-currency", CURRENT, market({ walletCurrency: "CHF" })],
    ["--qty or --notional", CURRENT, market({ notional: "5" })],
    ["--qty or --notional", CURRENT, market({ quantity: undefined })],
    ["--qty", CURRENT, market({ quantity: "1e3" })],
    ["--qty", CURRENT, market({ quantity: "0.00" })],
    ["--qty", CURRENT, market({ quantity: "-1" })],
    ["--notional", CURRENT, market({ side: "sell", quantity: undefined, notional: "5" })],
    ["--notional", CURRENT, market({ type: "limit", limitPrice: "1", quantity: undefined, notional: "5" })],
    ["--limit-price", CURRENT, market({ type: "limit" })],
    ["--limit-price", CURRENT, market({ limitPrice: "5" })],
    ["--stop-price", CURRENT, market({ type: "stop_limit", limitPrice: "5" })],
    ["--trail-price or --trail-percent", CURRENT, market({ type: "trailing_stop" })],
    [
      "--trail-price or --trail-percent",
      CURRENT,
      market({ type: "trailing_stop", trailPrice: "1", trailPercent: "1" }),
    ],
    ["--investor", { generation: "current", investorId: UUID }, MARKET],
    ["--investor", { generation: "current", investorId: ".." }, MARKET],
    ["--account", { generation: "legacy", accountId: "inv_01j9" }, MARKET],
  ])("is refused naming %s", (flag, owner, order) => {
    expect(() => orderRequest(owner, order, "k")).toThrow(
      expect.objectContaining({ code: "invalid_usage", message: expect.stringContaining(flag) }),
    );
  });

  it("is refused with an idempotency key that a header cannot carry", () => {
    expect(() => orderRequest(CURRENT, MARKET, "a\r\nb: c")).toThrow(
      expect.objectContaining({ code: "invalid_usage", message: expect.stringContaining("idempotency key") }),
    );
  });

  it("cannot change its path through the owner's id", () => {
    const order = () => orderRequest({ generation: "current", investorId: "inv_a/../b?c" }, MARKET, "k");
    expect(order).toThrow('invalid --investor "inv_a/../b?c": must be an investor ID');
  });
});

describe("a cancel request", () => {
  it.each([
    [CURRENT, "/investors/inv_01j9/orders/ord_1/cancel"],
    [LEGACY, `/trading/accounts/${UUID}/orders/ord_1/cancel`],
  ])("of %o goes to %s, without a body", (owner, path) => {
    expect(cancelRequest(owner, "ord_1", "k")).toEqual({ method: "POST", path, idempotencyKey: "k" });
  });

  it.each(["", "..", "."])("is refused for the order %j, which would change the path", (id) => {
    expect(() => cancelRequest(CURRENT, id, "k")).toThrow(expect.objectContaining({ code: "invalid_usage" }));
  });

  it("keeps an unusual id within its path segment", () => {
    expect(cancelRequest(CURRENT, "a/../b?c", "k").path).toBe("/investors/inv_01j9/orders/a%2F..%2Fb%3Fc/cancel");
  });
});

const MANUAL: NewTransfer = { amount: "100.00", currency: "USD", method: "manual_bank_transfer" };
const ach = (changes: Partial<NewTransfer>): NewTransfer => ({ ...MANUAL, method: "ach", ...changes });

describe("a transfer request", () => {
  it.each([
    ["deposit", CURRENT, "/investors/inv_01j9/deposits"],
    ["withdrawal", CURRENT, "/investors/inv_01j9/withdrawals"],
    ["deposit", LEGACY, `/accounts/${UUID}/deposits`],
    ["withdrawal", LEGACY, `/accounts/${UUID}/withdrawals`],
  ] as const)("for a %s of %o goes to %s", (kind, owner, path) => {
    const bank = kind === "withdrawal" ? { fundingSourceId: "fs_1" } : {};
    const request = transferRequest(kind, owner, { ...MANUAL, ...bank, description: "rent" }, "k");
    const body = { ...MANUAL, description: "rent", ...(kind === "withdrawal" ? { funding_source_id: "fs_1" } : {}) };
    expect(request).toEqual({ method: "POST", path, body, idempotencyKey: "k" });
  });

  it("identifies a linked bank in both ways", () => {
    expect(transferRequest("deposit", CURRENT, ach({ fundingSourceId: "fs" }), "k").body).toMatchObject({
      funding_source_id: "fs",
    });
    const plaid = ach({ method: "ach_plaid", plaidItemId: "i", plaidAccountId: "a" });
    expect(transferRequest("deposit", CURRENT, plaid, "k").body).toMatchObject({
      plaid_options: { item_id: "i", account_id: "a" },
    });
  });

  // Current API reference (mid-2026): funding_source_id is required with every method of a withdrawal.
  it.each(["ach", "wire", "international_wire", "manual_bank_transfer"])(
    "for a withdrawal by %s names the funding source, which the current API requires",
    (method) => {
      const given = { ...MANUAL, method };
      const { body } = transferRequest("withdrawal", CURRENT, { ...given, fundingSourceId: "fs_1" }, "k");
      expect(body).toEqual({ amount: "100.00", currency: "USD", method, funding_source_id: "fs_1" });
      expect(() => transferRequest("withdrawal", CURRENT, given, "k")).toThrow("requires --funding-source");
      const plaid = { ...given, method: "ach", plaidItemId: "i", plaidAccountId: "a" };
      expect(() => transferRequest("withdrawal", CURRENT, plaid, "k")).toThrow("requires --funding-source");
      const legacy = () => transferRequest("withdrawal", LEGACY, given, "k");
      if (method === "international_wire") expect(legacy).toThrow('invalid --method "international_wire"');
      else expect(legacy().body).not.toHaveProperty("funding_source_id");
    },
  );

  // Page concepts/funding.
  it.each(["international_wire", "card"])("for a deposit by %s is for the current API only", (method) => {
    expect(transferRequest("deposit", CURRENT, { ...MANUAL, method }, "k").body).toMatchObject({ method });
    expect(() => transferRequest("deposit", LEGACY, { ...MANUAL, method }, "k")).toThrow(
      `invalid --method "${method}"`,
    );
  });

  it("for an ACH deposit may name no bank: in one edition the custodian knows it", () => {
    expect(transferRequest("deposit", CURRENT, ach({}), "k").body).toEqual({
      amount: "100.00",
      currency: "USD",
      method: "ach",
    });
  });

  it.each(["USD", "NGN", "GBP", "EUR", "KES"])(
    "accepts %s, the currency of a wallet of the current API",
    (currency) => {
      expect(transferRequest("deposit", CURRENT, { ...MANUAL, currency }, "k").body).toMatchObject({ currency });
      const legacy = () => transferRequest("deposit", LEGACY, { ...MANUAL, currency }, "k");
      if (currency === "USD") expect(legacy().body).toMatchObject({ currency });
      else expect(legacy).toThrow(`invalid --currency "${currency}": must be USD`);
    },
  );

  it.each<[string, NewTransfer]>([
    ["--amount", { ...MANUAL, amount: "1.005" }],
    ["--amount", { ...MANUAL, amount: "0" }],
    ["--currency", { ...MANUAL, currency: "CHF" }],
    ["--method", { ...MANUAL, method: "cash" }],
    ["--method", { ...MANUAL, method: "cheque" }],
    ["--funding-source", ach({ fundingSourceId: "f", plaidItemId: "i", plaidAccountId: "a" })],
    ["--plaid-item and --plaid-account", ach({ plaidItemId: "i" })],
    ["--funding-source", { ...MANUAL, fundingSourceId: "f" }],
    ["--plaid-item", { ...MANUAL, method: "wire", plaidItemId: "f" }],
  ])("is refused naming %s", (flag, transfer) => {
    expect(() => transferRequest("deposit", CURRENT, transfer, "k")).toThrow(
      expect.objectContaining({ code: "invalid_usage", message: expect.stringContaining(flag) }),
    );
  });
});

describe("the curl command of a request", () => {
  const baseUrl = "https://sandbox.example/v1/";
  const request = transferRequest("deposit", CURRENT, { ...MANUAL, description: `it's $HOME; "x" \`y\`\n@z` }, "key'1");

  it("sends exactly the request from a shell, with the credentials from variables", () => {
    const script = `curl() { printf '%s\\0' "$@"; }\n${toCurl(request, { baseUrl })}`;
    const env = { BLUUM_API_KEY: "the key", BLUUM_API_SECRET: "the $secret" };
    const args = execFileSync("/bin/sh", ["-c", script], { env }).toString().split("\0").slice(0, -1);
    expect(args).toEqual([
      "-X",
      "POST",
      "https://sandbox.example/v1/investors/inv_01j9/deposits",
      "-u",
      "the key:the $secret",
      "-H",
      "Idempotency-Key: key'1",
      "-H",
      "Content-Type: application/json",
      "--data-raw",
      JSON.stringify(request.body),
    ]);
  });

  it.each([
    "nonsense",
    "ftp://a.example",
    "https://user:pw@a.example",
    "https://a.example/v1?x=1",
    "https://a.example/#f",
  ])("is refused for the base URL %s", (bad) => {
    expect(() => toCurl(request, { baseUrl: bad })).toThrow(expect.objectContaining({ code: "invalid_url" }));
  });
});
