import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  ANSWER_TIMEOUT,
  ANSWER_TIMEOUT_MS,
  isAcknowledgement,
  RETRY_DELAYS_MS,
  RETRY_PERIOD_MS,
  RETRY_SCHEDULE,
  SLOW_ANSWER,
  SLOW_ANSWER_MS,
} from "../../src/core/delivery-policy.ts";
import { readDelivery } from "../../src/core/delivery.ts";
import { readEvent } from "../../src/core/payload-form.ts";
import { SCHEMES, verify } from "../../src/core/signature.ts";
import { summarize } from "../../src/output/live/summaries.ts";
import { INVESTOR, MARKET_BUY, startRig, TRADING, until } from "../integration/emulator-support/client.ts";
import { startReceiver } from "../integration/emulator-support/receiver.ts";
import { publishedHere } from "./page.ts";

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").replace(/\s+/g, " ");

const read = (payload: unknown) => {
  const request = { method: "POST", path: "/", headers: [], receivedAt: 0 };
  return readDelivery("dlv_1", { ...request, body: Buffer.from(JSON.stringify(payload)) });
};

publishedHere("platform/webhooks", () => {
  it("an endpoint must answer 2xx within 30 s, and failures are retried after 1 min, 5 min, 30 min, 2 h, 8 h", () => {
    expect([ANSWER_TIMEOUT_MS, ANSWER_TIMEOUT]).toEqual([30_000, "30 s"]);
    expect(RETRY_DELAYS_MS).toEqual([60_000, 300_000, 1_800_000, 7_200_000, 28_800_000]);
    expect(RETRY_PERIOD_MS).toBe((10 * 60 + 36) * 60_000);
    expect(RETRY_SCHEDULE).toBe("1 min, 5 min, 30 min, 2 h and 8 h");
    expect([199, 200, 204, 299, 300].filter(isAcknowledgement)).toEqual([200, 204, 299]);
  });

  it("the emulator retries at these times, and then the event is a dead letter", async () => {
    const sleptMs: number[] = [];
    const clock = { now: () => Date.now(), sleep: async (ms: number) => void sleptMs.push(ms) };
    await using receiver = await startReceiver({ answer: () => 503 });
    await using rig = await startRig({ clock, speed: 60 });
    await rig.subscribe(receiver.url);
    await rig.call("POST", "/_emulator/events", { body: { event: "order.filled", data: { id: "ord_1" } } });
    await until(
      () => rig.emulator.deliveries()[0],
      (each) => each?.state === "dead",
    );
    expect(receiver.received).toHaveLength(6);
    expect(sleptMs.map((ms) => ms * 60)).toEqual(RETRY_DELAYS_MS);
    const { body } = await rig.call("GET", "/_emulator/dead-letters");
    const attempts = Array.from({ length: 6 }, () => ({ status: 503, error: null }));
    expect(body["dead_letters"]).toMatchObject([
      { event: "order.filled", resource_id: "ord_1", state: "dead", attempts },
    ]);
  });

  it.each(["docs/emulator.md", "docs/going-live.md", "docs/daily-use.md"])(
    "%s has the times of the retries",
    (path) => {
      expect(text(path)).toContain(RETRY_SCHEDULE);
    },
  );

  it.each(["docs/emulator.md", "docs/check.md"])("%s has the time limit", (path) => {
    expect(text(path)).toContain(ANSWER_TIMEOUT);
  });

  it.each(SCHEMES)("every delivery is signed; the scheme is not published: %s", async (signing) => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ signing, signingHeader: "x-test-signature" });
    const { secret } = await rig.subscribe(receiver.url);
    await rig.call("POST", "/_emulator/events", { body: { event: "order.filled" } });
    const [received] = await receiver.waitFor(1);
    const headers = Object.entries(received?.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
    const body = received?.body ?? Buffer.alloc(0);
    expect(verify({ headers, body, secrets: [String(secret)], now: Date.now() })).toMatchObject({
      verdict: "verified",
      scheme: signing,
    });
    expect(received?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^Bluum/) as string,
    });
  });

  it("a payload names its event, its time and its data, whose id is that of the order", () => {
    const payload = {
      event: "order.filled",
      timestamp: "2025-06-15T14:30:15Z",
      data: {
        id: "ord_x9y8z7a6b5c4d3e2",
        investor_id: "inv_01j9x8m2k7qpzwv3t5r6y8n0ab",
        symbol: "AAPL",
        side: "buy",
        status: "filled",
        filled_quantity: "10",
        average_price: "178.50",
      },
    };
    const delivery = read(payload);
    expect(delivery).toMatchObject({
      event: "order.filled",
      resourceId: "ord_x9y8z7a6b5c4d3e2",
      timestamp: "2025-06-15T14:30:15Z",
    });
    expect(summarize(delivery)).toBe("filled 10 @ 178.50");
    expect(readEvent(payload)).toMatchObject({
      name: { path: "event" },
      resource: { path: "data.id" },
      time: { path: "timestamp" },
      id: undefined,
    });
  });

  it.each([
    ["current", `${INVESTOR}/orders`, "quantity", "investor_id", "filled_quantity"],
    ["legacy", `${TRADING}/orders`, "qty", "account_id", "filled_qty"],
  ])(
    "a market order of the %s API leads to order.accepted, then order.filled",
    async (_name, path, size, by, filled) => {
      await using receiver = await startReceiver();
      await using rig = await startRig();
      await rig.subscribe(receiver.url, ["order.*"]);
      const { body } = await rig.call("POST", path, { body: { ...MARKET_BUY, [size]: "10" } });
      const [accepted, done] = (await receiver.waitFor(2)).map(({ payload }) => payload);
      expect(accepted).toMatchObject({ event: "order.accepted", data: { id: body["id"], average_price: "0.00" } });
      expect(done).toMatchObject({
        event: "order.filled",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
        data: { id: body["id"], [by]: body[by], status: "filled", [filled]: "10", average_price: "178.50" },
      });
    },
  );
});

publishedHere("example-neo-bank/docs/api-external-contract.md", () => {
  const PAYLOAD = {
    event_type: "order.filled",
    timestamp: "2025-01-15T14:30:00Z",
    data: { order_id: "ord_123", account_id: "acc_456", symbol: "AAPL", filled_qty: "10" },
  };

  it("a payload names its event by event_type, and the order by data.order_id", () => {
    const delivery = read(PAYLOAD);
    expect(delivery).toMatchObject({ event: "order.filled", resourceId: "ord_123", timestamp: PAYLOAD.timestamp });
    expect(summarize(delivery)).toBe("filled 10");
    expect(readEvent(PAYLOAD)).toMatchObject({
      name: { path: "event_type" },
      resource: { path: "data.order_id" },
      time: { path: "timestamp" },
    });
  });

  it("the emulator sends this form on request", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ payload: "event_type" });
    await rig.subscribe(receiver.url, ["order.filled"]);
    const { body } = await rig.call("POST", `${TRADING}/orders`, { body: { ...MARKET_BUY, qty: "10" } });
    const [received] = await receiver.waitFor(1);
    expect(received?.payload).toMatchObject({
      event_type: "order.filled",
      timestamp: expect.stringMatching(/Z$/) as string,
      data: { order_id: body["id"], account_id: body["account_id"], symbol: "AAPL", filled_qty: "10" },
    });
    expect(Object.keys(received?.payload ?? {})).toEqual(Object.keys(PAYLOAD));
  });

  it("an endpoint must answer within 5 s: more is a warning", () => {
    expect([SLOW_ANSWER_MS, SLOW_ANSWER]).toEqual([5_000, "5 s"]);
  });
});
