import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { INVESTOR_SCOPED_ACCESS } from "../../src/emulator/access.ts";
import {
  ACCOUNT,
  basic,
  type CallOptions,
  INVESTOR,
  type Json,
  MARKET_BUY,
  type Rig,
  startRig,
  TRADING,
} from "./emulator-support/client.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const LEGACY_ORDER = { ...MARKET_BUY, qty: "1" };
const ORDER = { ...MARKET_BUY, quantity: "1" };
const PAID_OUT = { amount: "10.00", currency: "USD", method: "ach", funding_source_id: "fs_1" };
const MANUAL = { amount: "10.00", currency: "USD", method: "manual_bank_transfer" };
const WEBHOOK = { name: "n", url: "http://127.0.0.1:9/hook", eventTypeNames: ["order.*"] };
const RAW_UUID = "11111111-1111-4111-8111-111111111111";

interface Case {
  readonly why: string;
  readonly method?: string;
  readonly path: string;
  readonly options?: CallOptions;
  readonly status: number;
  readonly code: string;
  readonly param?: string;
}

function keyed(body: unknown): CallOptions {
  return { body, headers: { "idempotency-key": crypto.randomUUID() } };
}

/** A case: the fault, the body or the options, the status, the code, and the invalid field. */
type Row<Sent> = readonly [why: string, sent: Sent, status: number, code: string, param?: string];

function paramOf(param: string | undefined): Pick<Case, "param"> {
  return param === undefined ? {} : { param };
}

const ORDER_ROWS: Row<unknown>[] = [
  ["no size", MARKET_BUY, 400, "400-002", "quantity"],
  ["the legacy name of the size", LEGACY_ORDER, 400, "400-002", "quantity"],
  ["a size that is a number", { ...ORDER, quantity: 1 }, 400, "400-006", "quantity"],
  ["a negative size", { ...ORDER, quantity: "-1" }, 400, "400-006", "quantity"],
  ["a size with an exponent", { ...ORDER, quantity: "1e3" }, 400, "400-006", "quantity"],
  ["a notional with three decimals", { ...MARKET_BUY, notional: "1.001" }, 400, "400-005", "notional"],
  ["a notional sell", { ...MARKET_BUY, side: "sell", notional: "5.00" }, 400, "400-001", "notional"],
  [
    "a notional limit order",
    { ...MARKET_BUY, type: "limit", limit_price: "5", notional: "5.00" },
    400,
    "400-001",
    "notional",
  ],
  ["an unknown type", { ...ORDER, type: "iceberg" }, 400, "400-004", "type"],
  ["an unknown time in force", { ...ORDER, time_in_force: "week" }, 400, "400-004", "time_in_force"],
  ["a limit order without its price", { ...ORDER, type: "limit" }, 400, "400-002", "limit_price"],
  ["a stop order without its price", { ...ORDER, type: "stop" }, 400, "400-002", "stop_price"],
  [
    "a stop-limit order without its stop",
    { ...ORDER, type: "stop_limit", limit_price: "5" },
    400,
    "400-002",
    "stop_price",
  ],
  ["a trailing stop without a trail", { ...ORDER, type: "trailing_stop" }, 400, "400-002", "trail_price"],
  ["a price that is no decimal", { ...ORDER, type: "limit", limit_price: "ten" }, 400, "400-005", "limit_price"],
  ["a body that is a list", [], 400, "400-001"],
  ["a body that is a text", '"text"', 400, "400-001"],
];

const ORDER_CASES = ORDER_ROWS.map<Case>(([why, body, status, code, param]) => ({
  why: `an order with ${why}`,
  path: `${INVESTOR}/orders`,
  options: { body },
  status,
  code,
  ...paramOf(param),
}));

const TRANSFER_ROWS: Row<CallOptions>[] = [
  ["no amount", keyed({ ...MANUAL, amount: undefined }), 400, "400-002", "amount"],
  ["an amount of zero", keyed({ ...MANUAL, amount: "0.00" }), 400, "400-005", "amount"],
  ["an amount that is a number", keyed({ ...MANUAL, amount: 10 }), 400, "400-005", "amount"],
  ["an unknown currency", keyed({ ...MANUAL, currency: "CHF" }), 400, "400-004", "currency"],
  ["an unknown method", keyed({ ...MANUAL, method: "cheque" }), 400, "400-004", "method"],
  ["ACH without a funding source", keyed({ ...MANUAL, method: "ach" }), 400, "400-002", "funding_source_id"],
  [
    "half of the Plaid options",
    keyed({ ...MANUAL, method: "ach", plaid_options: { item_id: "i" } }),
    400,
    "400-002",
    "plaid_options.account_id",
  ],
];

const TRANSFER_CASES = TRANSFER_ROWS.map<Case>(([why, options, status, code, param]) => ({
  why: `a deposit with ${why}`,
  path: `${INVESTOR}/deposits`,
  options,
  status,
  code,
  ...paramOf(param),
}));

const WEBHOOK_ROWS: Row<unknown>[] = [
  ["an empty name", { ...WEBHOOK, name: "" }, 400, "400-003", "name"],
  ["no URL", { ...WEBHOOK, url: undefined }, 400, "400-002", "url"],
  ["no events", { ...WEBHOOK, eventTypeNames: undefined }, 400, "400-002", "eventTypeNames"],
  ["an empty list of events", { ...WEBHOOK, eventTypeNames: [] }, 400, "400-001", "eventTypeNames"],
  ["an event name that is a number", { ...WEBHOOK, eventTypeNames: [1] }, 400, "400-003", "eventTypeNames.0"],
  ["a star in the middle", { ...WEBHOOK, eventTypeNames: ["a.*.b"] }, 400, "400-003", "eventTypeNames.0"],
  ["a relative URL", { ...WEBHOOK, url: "/hook" }, 400, "400-003", "url"],
  ["a file URL", { ...WEBHOOK, url: "file:///etc/passwd" }, 400, "400-003", "url"],
  ["credentials in the URL", { ...WEBHOOK, url: "http://user:pass@127.0.0.1/" }, 400, "400-003", "url"],
];

const WEBHOOK_CASES = WEBHOOK_ROWS.map<Case>(([why, body, status, code, param]) => ({
  why: `a webhook with ${why}`,
  path: "/webhooks",
  options: { body },
  status,
  code,
  ...paramOf(param),
}));

const ACCESS_ROWS: Row<string>[] = [
  ["no colon in the credentials", `Basic ${Buffer.from("nocolon").toString("base64")}`, 401, "401-002"],
  ["a wrong secret", basic(EMULATOR_ACCESS.apiKey, "wrong"), 401, "401-003"],
];

const ACCESS_CASES = ACCESS_ROWS.map<Case>(([why, authorization, status, code]) => ({
  why,
  method: "GET",
  path: "/webhooks",
  options: { headers: { authorization } },
  status,
  code,
}));

const SCOPED = basic(INVESTOR_SCOPED_ACCESS.apiKey, INVESTOR_SCOPED_ACCESS.apiSecret);

const OTHER_CASES: Case[] = [
  {
    why: "the catalogue with an investor's key",
    method: "GET",
    path: "/webhooks/event-types",
    options: { headers: { authorization: SCOPED } },
    status: 403,
    code: "403-001",
  },
  {
    why: "GET of one webhook, which is not documented",
    method: "GET",
    path: "/webhooks/wh_1",
    status: 404,
    code: "404-002",
  },
  {
    why: "a PATCH of an unknown webhook",
    method: "PATCH",
    path: "/webhooks/wh_nobody",
    options: { body: {} },
    status: 404,
    code: "404-001",
  },
  {
    why: "a DELETE of an unknown webhook",
    method: "DELETE",
    path: "/webhooks/wh_nobody",
    status: 404,
    code: "404-001",
  },
  {
    why: "a negative offset",
    method: "GET",
    path: "/webhooks?offset=-1",
    status: 400,
    code: "400-001",
    param: "offset",
  },
  {
    why: "a raw UUID on the current path",
    path: `/investors/${RAW_UUID}/orders`,
    options: { body: ORDER },
    status: 400,
    code: "400-003",
    param: "investor_id",
  },
  {
    why: "an unknown investor",
    path: "/investors/inv_nobody/orders",
    options: { body: ORDER },
    status: 404,
    code: "404-001",
  },
  { why: "an unknown deposit", method: "GET", path: `${INVESTOR}/deposits/dep_nobody`, status: 404, code: "404-001" },
  ...["inv_emulatorunapproved", "inv_emulatorsuspended"].flatMap((id, index): Case[] => {
    const refused = { status: 403, code: ["403-002", "403-004"][index] ?? "" };
    return [
      { why: `an order of ${id}`, path: `/investors/${id}/orders`, options: { body: ORDER }, ...refused },
      { why: `a deposit of ${id}`, path: `/investors/${id}/deposits`, options: keyed(MANUAL), ...refused },
    ];
  }),
  {
    why: "a transfer of 17.17",
    path: `${INVESTOR}/deposits`,
    options: keyed({ ...MANUAL, amount: "17.17" }),
    status: 500,
    code: "500-017",
  },
  { why: "broken JSON", path: `${INVESTOR}/orders`, options: { body: "{" }, status: 400, code: "400-001" },
  {
    why: "a funding source that is a UUID",
    path: `${INVESTOR}/withdrawals`,
    options: keyed({ ...PAID_OUT, funding_source_id: RAW_UUID }),
    status: 400,
    code: "400-003",
    param: "funding_source_id",
  },
  ...(
    [
      ["orders?status=accepted", "400-004", "status"],
      ["orders?side=hold", "400-004", "side"],
      ["deposits?status=cancelled", "400-004", "status"],
      ["deposits?date_from=2026-02-30", "400-007", "date_from"],
      ["withdrawals?date_to=yesterday", "400-007", "date_to"],
    ] as const
  ).map(([path, code, param]): Case => ({
    why: `the list ${path}`,
    method: "GET",
    path: `${INVESTOR}/${path}`,
    status: 400,
    code,
    param,
  })),
  {
    why: "a withdrawal over the balance",
    path: `${INVESTOR}/withdrawals`,
    options: keyed({ ...PAID_OUT, amount: "100000.01" }),
    status: 422,
    code: "422-001",
    param: "amount",
  },
];

describe("what the current API refuses", () => {
  const cases = [...ORDER_CASES, ...TRANSFER_CASES, ...WEBHOOK_CASES, ...ACCESS_CASES, ...OTHER_CASES];

  test.each(cases)("$why is refused with $code", async ({ method = "POST", path, options, status, code, param }) => {
    const answer = await rig.call(method, path, options);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      error: {
        type: expect.any(String),
        code: `BLUM-${code}`,
        message: expect.stringMatching(/\.$/),
        ...(param === undefined ? {} : { param }),
      },
    });
    expect(answer.headers.get("x-request-id")).toMatch(/^req_\w+$/);
  });

  test("a request without credentials is refused with 401-001", async () => {
    const response = await fetch(`${rig.emulator.baseUrl}/webhooks`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: "authentication_error", code: "BLUM-401-001" } });
  });
});

describe("what the legacy API refuses, in its own format", () => {
  const cases: (Case & { readonly details?: Json })[] = [
    {
      why: "an order without its size",
      path: `${TRADING}/orders`,
      options: { body: MARKET_BUY },
      status: 400,
      code: "400-002",
      param: "qty",
    },
    {
      why: "a current-only time in force",
      path: `${TRADING}/orders`,
      options: { body: { ...LEGACY_ORDER, time_in_force: "opg" } },
      status: 400,
      code: "400-004",
      param: "time_in_force",
    },
    {
      why: "an account id that is no UUID",
      path: `/trading/accounts/${EMULATOR_ACCESS.investorId}/orders`,
      options: { body: LEGACY_ORDER },
      status: 400,
      code: "400-003",
      param: "account_id",
    },
    {
      why: "an unknown account",
      path: `/accounts/${RAW_UUID}/deposits`,
      options: keyed(MANUAL),
      status: 404,
      code: "404-001",
    },
    {
      why: "a deposit with another currency than US dollars",
      path: `${ACCOUNT}/deposits`,
      options: keyed({ ...MANUAL, currency: "NGN" }),
      status: 400,
      code: "400-004",
      param: "currency",
    },
    {
      why: "a deposit without an idempotency key",
      path: `${ACCOUNT}/deposits`,
      options: { body: MANUAL },
      status: 400,
      code: "400-002",
      param: "Idempotency-Key",
    },
    {
      why: "a cancellation of an unknown order",
      path: `${TRADING}/orders/ord_nobody/cancel`,
      status: 404,
      code: "404-001",
    },
    {
      why: "the current API's word for a status",
      method: "GET",
      path: `${TRADING}/orders?status=open`,
      status: 400,
      code: "400-004",
      param: "status",
    },
    {
      why: "a wrong secret",
      method: "GET",
      path: "/trading/orders/x",
      options: { headers: { authorization: basic("a", "b") } },
      status: 401,
      code: "401-003",
    },
  ];

  test.each(cases)("$why is refused with $code", async ({ method = "POST", path, options, status, code, param }) => {
    const answer = await rig.call(method, path, options);
    expect(answer.status).toBe(status);
    const { message } = answer.body;
    expect(message).toEqual(expect.any(String));
    const details = param === undefined ? {} : { details: { field: param, reason: message } };
    expect(answer.body).toEqual({ code: `BLUM-${code}`, message, ...details });
  });
});

describe("the served generation", () => {
  const paths = { current: `${INVESTOR}/orders`, legacy: `${TRADING}/orders` };

  test.each(["current", "legacy"] as const)(
    "an emulator of the %s generation has no other paths",
    async (generation) => {
      await using one = await startRig({ generation });
      const other = generation === "current" ? "legacy" : "current";
      expect((await one.call("GET", paths[generation])).status).toBe(200);
      const refused = await one.call("GET", paths[other]);
      expect(refused.status).toBe(404);
      const expected = generation === "legacy" ? { code: "BLUM-404-002" } : { error: { code: "BLUM-404-002" } };
      expect(refused.body).toMatchObject(expected);
    },
  );
});

describe("what must not crash it", () => {
  test("more requests in a second than the limit are refused with 429 and Retry-After, each key for itself", async () => {
    await using limited = await startRig({
      requestsPerSecond: 3,
      clock: { now: () => 0, sleep: () => Promise.resolve() },
    });
    const statuses = [];
    const left = (answer: { headers: Headers }) =>
      ["limit", "remaining", "reset"].map((name) => answer.headers.get(`x-ratelimit-${name}`));
    for (let nth = 0; nth < 3; nth += 1) {
      const answer = await limited.call("GET", "/webhooks");
      statuses.push([answer.status, ...left(answer)]);
    }
    expect(statuses).toEqual([
      [200, "3", "2", "1"],
      [200, "3", "1", "1"],
      [200, "3", "0", "1"],
    ]);
    const refused = await limited.call("GET", "/webhooks");
    expect(refused).toMatchObject({ status: 429, body: { error: { code: "BLUM-429-001" } } });
    expect([refused.headers.get("retry-after"), ...left(refused)]).toEqual(["1", "3", "0", "1"]);
    const other = await limited.call("GET", `${INVESTOR}/orders`, { headers: { authorization: SCOPED } });
    expect(other.status).toBe(200);
  });

  test.each([
    ["bytes that are no HTTP", "\u0016\u0003\u0001nonsense\r\n\r\n"],
    ["a body that ends too soon", "POST /v1/webhooks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"],
    ["a bad chunk", "POST /v1/webhooks HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"],
    ["a path that is badly encoded", "GET /v1/%E0%A4%A /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
    ["no Host", "GET /v1/webhooks HTTP/1.1\r\n\r\n"],
  ])("%s leaves it running", async (_name, bytes) => {
    await new Promise<void>((resolve) => {
      const socket = connect(rig.emulator.port, "127.0.0.1", () => socket.end(bytes));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
    expect((await rig.call("GET", "/_emulator/health")).body).toMatchObject({ emulator: true });
  });

  test("data nested twenty thousand deep leaves it running", async () => {
    const depth = 20_000;
    const body = `{"event":"deep","data":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
    const answer = await rig.call("POST", "/_emulator/events", { body });
    expect([202, 500]).toContain(answer.status);
    expect((await rig.call("GET", "/_emulator/health")).status).toBe(200);
  });
});
