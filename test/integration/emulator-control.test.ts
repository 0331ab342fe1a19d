import { request } from "node:http";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { startEmulator, type EmulatorOptions } from "../../src/emulator/server.ts";
import type { LogEntry } from "../../src/emulator/log.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { listenOnLoopback } from "../../src/platform/loopback.ts";
import { INVESTOR, MARKET_BUY, startRig, until } from "./emulator-support/client.ts";
import { startReceiver } from "./emulator-support/receiver.ts";
import { withSlack } from "../support/slack.ts";

const OPTIONS: EmulatorOptions = {
  port: 0,
  orNext: false,
  generation: "both",
  market: "open",
  payload: "event",
  speed: 1,
  chaos: [],
  requestsPerSecond: 10,
  clock: systemClock,
};

/** fetch does not allow a test to set the Host header. */
function statusWith(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  const authorization = `Basic ${Buffer.from(`${EMULATOR_ACCESS.apiKey}:${EMULATOR_ACCESS.apiSecret}`).toString("base64")}`;
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, headers: { authorization, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", reject).end();
  });
}

const ROUTES = ["/_emulator/health", "/v1/webhooks", "/v1/webhooks/event-types", `/v1${INVESTOR}/orders`];

describe.each(ROUTES)("%s, for programs on this machine,", (path) => {
  test.each([
    ["127.0.0.1:4650", 200],
    ["localhost", 200],
    ["[::1]:4650", 200],
    ["host.docker.internal:4650", 200],
    ["evil.example", 403],
    ["127.0.0.1.evil.example", 403],
    ["localhost.evil.example:4650", 403],
    ["127.0.0.1@evil.example", 400],
    ["host.docker.internal.evil.example", 403],
  ])("answers a request for the host %s with %i", async (host, status) => {
    await using rig = await startRig();
    expect(await statusWith(rig.emulator.port, path, { host })).toBe(status);
  });

  test.each([
    { origin: "http://evil.example" },
    { origin: "http://127.0.0.1:4650" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-origin" },
  ])("refuses a web page's request: %j", async (headers) => {
    await using rig = await startRig();
    expect(await statusWith(rig.emulator.port, path, headers)).toBe(403);
  });
});

test("a web page's simple request registers no webhook", async () => {
  await using rig = await startRig();
  const body = JSON.stringify({ name: "w", url: "https://evil.example/", eventTypeNames: ["*"] });
  const headers = { "content-type": "text/plain", origin: "https://evil.example" };
  expect(await rig.call("POST", "/webhooks", { body, headers })).toMatchObject({ status: 403 });
  expect((await rig.call("GET", "/webhooks")).body).toMatchObject({ data: [] });
});

test("a webhook that delivers to another machine is reported, once for each URL", async () => {
  const log: LogEntry[] = [];
  await using rig = await startRig({ onLog: (entry) => log.push(entry) });
  await rig.subscribe("http://127.0.0.1:9/hooks");
  await rig.subscribe("http://localhost:9/hooks");
  await rig.subscribe("https://evil.example/hooks");
  const outside = log.find((entry) => entry.type === "outside");
  const path = `/webhooks/${outside?.webhookId}`;
  expect(await rig.call("PATCH", path, { body: { description: "other" } })).toMatchObject({ status: 200 });
  await rig.call("PATCH", path, { body: { url: "https://worse.example/" } });
  expect(log.flatMap((entry) => (entry.type === "outside" ? [entry.url] : []))).toEqual([
    "https://evil.example/hooks",
    "https://worse.example/",
  ]);
});

describe("the control routes", () => {
  test("need no credentials, and describe the emulator", async () => {
    await using rig = await startRig({ generation: "legacy" });
    const answer = await rig.call("GET", "/_emulator/health", { headers: { authorization: "" } });
    expect(answer).toMatchObject({ status: 200, body: { emulator: true, generation: "legacy" } });
  });

  test("emit an event of any name with any data", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["kyc.*"]);
    const body = { event: "kyc.verification.approved", data: { id: 7, nested: { list: [1, null, "ü"] } } };
    expect((await rig.call("POST", "/_emulator/events", { body })).status).toBe(202);
    const [received] = await receiver.waitFor(1);
    expect(received?.payload).toEqual({ ...body, timestamp: expect.any(String) });
    expect(rig.emulator.deliveries()[0]?.emission.resourceId).toBe("7");
  });

  test.each([
    ["/_emulator/events", {}, 400],
    ["/_emulator/events", { event: "x", data: 3 }, 400],
    ["/_emulator/events", { event: "x", data: [] }, 400],
    ["/_emulator/prices", { symbol: "AAPL", price: "-1" }, 400],
    ["/_emulator/prices", { symbol: "AAPL" }, 400],
    ["/_emulator/reset", { webhooks: "yes" }, 400],
    ["/_emulator/market", { market: "noon" }, 400],
    ["/_emulator/transfers/nobody/complete", {}, 404],
    ["/_emulator/transfers/nobody/fail", {}, 404],
    ["/_emulator/dead-letters/nobody/replay", {}, 404],
    ["/_emulator/nothing", {}, 404],
  ])("answer POST %s with %j by %i", async (path, body, status) => {
    await using rig = await startRig();
    expect((await rig.call("POST", path, { body })).status).toBe(status);
  });

  test("show each delivery with its attempts and payload", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    const webhook = await rig.subscribe(receiver.url);
    rig.emulator.emit("order.filled", { id: "ord_1" });
    const { body } = await until(
      () => rig.call("GET", "/_emulator/deliveries"),
      (answer) => JSON.stringify(answer.body).includes('"delivered"'),
    );
    expect(body["deliveries"]).toEqual([
      {
        id: expect.stringMatching(/^dlv_/),
        webhook_id: webhook["id"],
        event_id: receiver.received[0]?.headers["webhook-id"],
        event: "order.filled",
        resource_id: "ord_1",
        state: "delivered",
        attempts: [
          {
            at: expect.any(String),
            url: receiver.url,
            status: 200,
            error: null,
            duration_ms: expect.any(Number),
            chaos: null,
          },
        ],
        payload: receiver.received[0]?.payload,
      },
    ]);
  });
});

describe("a reset", () => {
  test("removes orders, prices, money, keys and deliveries, but not webhooks", async () => {
    await using receiver = await startReceiver({ answer: () => 500 });
    await using rig = await startRig({ speed: 1 });
    await rig.subscribe(receiver.url);
    const order = {
      body: { ...MARKET_BUY, notional: "90000.00", client_order_id: "a" },
      headers: { "idempotency-key": "k" },
    };
    const first = await rig.call("POST", `${INVESTOR}/orders`, order);
    await rig.call("POST", "/_emulator/prices", { body: { symbol: "AAPL", price: "1" } });
    await receiver.waitFor(2);

    expect((await rig.call("POST", "/_emulator/reset")).status).toBe(200);
    expect(rig.emulator.deliveries()).toEqual([]);
    expect((await rig.call("GET", `${INVESTOR}/orders`)).body["data"]).toEqual([]);
    const second = await rig.call("POST", `${INVESTOR}/orders`, order);
    expect(second).toMatchObject({ status: 201, body: { quantity: first.body["quantity"] } });
    expect(second.body["id"]).not.toBe(first.body["id"]);
    await receiver.waitFor(4);
  });

  test("removes webhooks too on request", async () => {
    await using rig = await startRig();
    await rig.subscribe("http://127.0.0.1:9/hook");
    await rig.call("POST", "/_emulator/reset", { body: { webhooks: true } });
    expect((await rig.call("GET", "/webhooks")).body["data"]).toEqual([]);
  });

  test("stops pending work: a resource's next event does not wait for an earlier response", async () => {
    await using receiver = await startReceiver({
      answer: (_received, nth) => (nth === 1 ? new Promise(() => {}) : 200),
    });
    await using rig = await startRig();
    await rig.subscribe(receiver.url);
    rig.emulator.emit("order.accepted", { id: "ord_1" });
    await receiver.waitFor(1);
    rig.emulator.reset();
    rig.emulator.emit("order.filled", { id: "ord_1" });
    await receiver.waitFor(2);
    await expect.poll(() => rig.emulator.deliveries().map(({ state }) => state)).toEqual(["delivered"]);
  });
});

describe("starting and stopping", () => {
  test("a port in use is refused, or the next free one is used if that is allowed", async () => {
    const other = createServer();
    const port = await listenOnLoopback(other, { port: 0, orNext: false, flag: "" });
    await expect(startEmulator({ ...OPTIONS, port })).rejects.toMatchObject({
      code: "port_in_use",
      message: expect.stringMatching(/in use by (another program|.+, process \d+)$/) as string,
    });
    await using emulator = await startEmulator({ ...OPTIONS, port, orNext: true });
    expect(emulator.port).toBeGreaterThan(port);
    expect(emulator.baseUrl).toBe(`http://127.0.0.1:${emulator.port}/v1`);
    other.close();
  });

  test("it stops within a second with pending deliveries, retries, orders and transfers", async () => {
    await using receiver = await startReceiver({
      answer: (_received, nth) => (nth === 1 ? new Promise(() => {}) : 500),
    });
    const rig = await startRig({ speed: 0.001 });
    await rig.subscribe(receiver.url);
    rig.emulator.emit("order.filled", { id: "hangs" });
    await receiver.waitFor(1);
    rig.emulator.emit("order.filled", { id: "waits" });
    await rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, symbol: "PARTIAL", quantity: "1" } });
    const deposit = { amount: "1.00", currency: "USD", method: "ach", funding_source_id: "fs_1" };
    await rig.call("POST", `${INVESTOR}/deposits`, { body: deposit, headers: { "idempotency-key": "k" } });
    await receiver.waitFor(5);

    const startedAt = performance.now();
    await rig[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(withSlack(1_000));
    await expect(fetch(rig.emulator.baseUrl)).rejects.toThrow("fetch failed");
  });

  test("it reports requests, attempts and dead letters to its owner", async () => {
    const entries: LogEntry[] = [];
    await using rig = await startRig({
      clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
      onLog: (entry) => entries.push(entry),
    });
    await rig.subscribe("http://127.0.0.1:9/hook");
    rig.emulator.emit("order.filled", { id: "ord_1" });
    await until(
      () => entries.at(-1),
      (last) => last?.type === "dead-letter",
    );
    expect(entries.map(({ type }) => type)).toEqual(["request", ...Array<string>(6).fill("attempt"), "dead-letter"]);
    expect(entries[0]).toMatchObject({ method: "POST", path: "/v1/webhooks", status: 201 });
    expect(entries[1]).toMatchObject({ event: "order.filled", attempt: 1, status: null, error: expect.any(String) });
  });
});
