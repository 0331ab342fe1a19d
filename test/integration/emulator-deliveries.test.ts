import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/emulator/delivery/dispatcher.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { type Answer, INVESTOR, MARKET_BUY, type Rig, startRig, until } from "./emulator-support/client.ts";
import { type Received, startReceiver } from "./emulator-support/receiver.ts";

const DEAD_PORT_URL = "http://127.0.0.1:9/hook";

const signedAt = (received?: Received) => Number(received?.headers["webhook-timestamp"]);
const events = (received: readonly Received[]) => received.map(({ payload }) => payload.event);
const emit = (rig: Rig, event: string, id?: string) =>
  rig.call("POST", "/_emulator/events", { body: { event, data: id === undefined ? {} : { id } } });
const delivery = (rig: Rig, isWanted: (each: Delivery) => boolean) =>
  until(
    () => rig.emulator.deliveries()[0],
    (each) => each !== undefined && isWanted(each),
  );

/** A clock on which every sleep ends at once; it records their lengths. */
function eagerClock(): Clock & { readonly sleptMs: number[] } {
  const sleptMs: number[] = [];
  return { now: () => Date.now(), sleep: async (ms) => void sleptMs.push(ms), sleptMs };
}

/** Gates that the test opens one by one. */
function gates(): { readonly pass: () => Promise<number>; readonly open: () => void } {
  const waiting: ((status: number) => void)[] = [];
  return { pass: () => new Promise((resolve) => waiting.push(resolve)), open: () => waiting.shift()?.(200) };
}

describe("which webhooks get an event", () => {
  test.each([
    [["order.filled"], ["order.filled"]],
    [["order.*"], ["order.accepted", "order.filled"]],
    [["transfer.*"], ["transfer.deposit.initiated"]],
    [["*"], ["order.accepted", "order.filled", "transfer.deposit.initiated", "kyc.new"]],
  ])("a subscription to %j gets %j", async (patterns, expected) => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, patterns);
    for (const event of ["order.accepted", "order.filled", "transfer.deposit.initiated", "kyc.new"]) {
      await emit(rig, event, "res_1");
    }
    await receiver.waitFor(expected.length);
    expect(events(receiver.received)).toEqual(expected);
    expect(rig.emulator.deliveries()).toHaveLength(expected.length);
  });

  test("an INACTIVE webhook gets nothing", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    const { id } = await rig.subscribe(DEAD_PORT_URL);
    await rig.call("PATCH", `/webhooks/${String(id)}`, { body: { status: "INACTIVE" } });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled");
    await receiver.waitFor(1);
    expect(rig.emulator.deliveries()).toHaveLength(1);
  });
});

describe("the first attempt", () => {
  test("is sent after the response to the call that caused it, which does not wait for it", async () => {
    let order: Promise<Answer> | undefined;
    await using receiver = await startReceiver({ answer: async () => ((await order)?.status === 201 ? 200 : 500) });
    await using rig = await startRig({ speed: 1 });
    await rig.subscribe(receiver.url);
    order = rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, quantity: "1" } });
    expect(events(await receiver.waitFor(2))).toEqual(["order.accepted", "order.filled"]);
  });

  test("of a resource's second event waits for the response to its first; other resources do not", async () => {
    const gate = gates();
    await using receiver = await startReceiver({ answer: () => gate.pass() });
    await using rig = await startRig();
    await rig.subscribe(receiver.url);
    await emit(rig, "order.accepted", "ord_1");
    await emit(rig, "order.filled", "ord_1");
    await emit(rig, "order.accepted", "ord_2");
    await receiver.waitFor(2);
    expect(receiver.received.map(({ payload }) => payload.data["id"])).toEqual(["ord_1", "ord_2"]);
    gate.open();
    await receiver.waitFor(3);
    expect(receiver.received[2]?.payload).toMatchObject({ event: "order.filled", data: { id: "ord_1" } });
    gate.open();
    gate.open();
  });

  test("of a later event does not wait for the retries of an earlier one", async () => {
    await using receiver = await startReceiver({ answer: (_received, nth) => (nth === 1 ? 500 : 200) });
    await using rig = await startRig({ speed: 1 });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.accepted", "ord_1");
    await emit(rig, "order.filled", "ord_1");
    expect(events(await receiver.waitFor(2))).toEqual(["order.accepted", "order.filled"]);
  });
});

describe("retries", () => {
  test.each([
    ["a 500", 500],
    ["a redirect, which is not followed", 302],
    ["a connection that is cut", null],
  ])("follow %s: the same bytes and id, freshly signed", async (_name, status) => {
    let now = Date.now();
    const clock = { now: () => now, sleep: async () => void (now += 60_000) };
    await using receiver = await startReceiver({ answer: (_received, nth) => (nth === 1 ? status : 200) });
    await using rig = await startRig({ clock });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled", "ord_1");
    const [first, second] = await receiver.waitFor(2);
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(signedAt(second) - signedAt(first)).toBe(60);
    const done = await delivery(rig, ({ state }) => state === "delivered");
    expect(done?.attempts.map((attempt) => attempt.status)).toEqual([status, 200]);
  });

  test("are sent to the webhook's current URL", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ speed: 60_000 / 50 });
    const { id } = await rig.subscribe(DEAD_PORT_URL);
    await emit(rig, "order.filled");
    await rig.call("PATCH", `/webhooks/${String(id)}`, { body: { url: receiver.url } });
    await receiver.waitFor(1);
    const done = await delivery(rig, ({ state }) => state === "delivered");
    expect(done?.attempts[0]).toMatchObject({
      url: DEAD_PORT_URL,
      status: null,
      error: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test("skip a webhook while it is INACTIVE, and end when it is deleted", async () => {
    await using receiver = await startReceiver({ answer: () => 500 });
    await using rig = await startRig({ speed: 6_000 });
    const { id } = await rig.subscribe(receiver.url);
    const path = `/webhooks/${String(id)}`;
    await emit(rig, "order.filled");
    await receiver.waitFor(1);
    await rig.call("PATCH", path, { body: { status: "INACTIVE" } });
    const paused = await delivery(rig, ({ attempts }) => attempts.at(-1)?.error === "the webhook is INACTIVE");
    const receivedUntilThen = receiver.received.length;
    await rig.call("DELETE", path);
    await delivery(rig, ({ state }) => state === "abandoned");
    expect(paused?.state).toBe("abandoned");
    expect(receiver.received).toHaveLength(receivedUntilThen);
  });

  test("start again when a dead letter is replayed", async () => {
    let isUp = false;
    await using receiver = await startReceiver({ answer: () => (isUp ? 200 : 500) });
    await using rig = await startRig({ clock: eagerClock() });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled");
    const dead = await delivery(rig, ({ state }) => state === "dead");
    isUp = true;
    const replay = `/_emulator/dead-letters/${String(dead?.id)}/replay`;
    expect(await rig.call("POST", replay)).toMatchObject({ status: 202, body: { state: "queued" } });
    await receiver.waitFor(7);
    await delivery(rig, ({ state }) => state === "delivered");
    expect(receiver.received[6]?.headers["webhook-id"]).toBe(receiver.received[0]?.headers["webhook-id"]);
    expect((await rig.call("POST", replay)).status).toBe(404);
  });
});

describe("chaos", () => {
  test("duplicate delivers again after a 2xx", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ chaos: ["duplicate"], random: () => 0 });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled", "ord_1");
    const [first, second] = await receiver.waitFor(2);
    expect(second?.body).toEqual(first?.body);
    const done = await delivery(rig, ({ attempts }) => attempts.length === 2);
    expect(done).toMatchObject({ state: "delivered", attempts: [{ chaos: null }, { chaos: "duplicate" }] });
  });

  test("a duplicate that is refused does not make the delivery fail", async () => {
    await using receiver = await startReceiver({ answer: (_received, nth) => (nth === 1 ? 200 : 500) });
    await using rig = await startRig({ chaos: ["duplicate"], random: () => 0 });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled", "ord_1");
    const done = await delivery(rig, ({ attempts }) => attempts.length === 2);
    expect(done).toMatchObject({ state: "delivered", attempts: [{ status: 200 }, { status: 500 }] });
  });

  test("reorder lets the second event of a resource overtake the first", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ chaos: ["reorder"], random: () => 0, speed: 1 });
    await rig.subscribe(receiver.url);
    await rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, quantity: "1" } });
    expect(events(await receiver.waitFor(2))).toEqual(["order.filled", "order.accepted"]);
  });

  test("reorder sends an event alone if none comes to overtake it", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ chaos: ["reorder"], random: () => 0 });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled", "ord_1");
    expect(events(await receiver.waitFor(1))).toEqual(["order.filled"]);
  });

  test("drop loses the first attempt, so that the event arrives as a retry", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ chaos: ["drop"], random: () => 0 });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled", "ord_1");
    await receiver.waitFor(1);
    const done = await delivery(rig, ({ state }) => state === "delivered");
    expect(done?.attempts).toMatchObject([
      { status: null, chaos: "drop" },
      { status: 200, chaos: null },
    ]);
  });

  test("delay holds the first attempt back for up to a minute of emulated time", async () => {
    const clock = eagerClock();
    await using receiver = await startReceiver();
    await using rig = await startRig({ chaos: ["delay"], random: () => 0.25, clock, speed: 60 });
    await rig.subscribe(receiver.url);
    await emit(rig, "order.filled", "ord_1");
    await receiver.waitFor(1);
    expect(clock.sleptMs).toEqual([250]);
  });

  test("does nothing if the random selection does not choose it", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({
      chaos: ["duplicate", "reorder", "delay", "drop"],
      random: () => 0.99,
      speed: 1,
    });
    await rig.subscribe(receiver.url);
    await rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, quantity: "1" } });
    expect(events(await receiver.waitFor(2))).toEqual(["order.accepted", "order.filled"]);
  });
});

describe("many deliveries", () => {
  test("for different resources are sent at the same time, but not more than 32", async () => {
    let underWay = 0;
    let most = 0;
    await using receiver = await startReceiver({
      answer: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await delay(5);
        underWay -= 1;
        return 200;
      },
    });
    await using rig = await startRig();
    await rig.subscribe(receiver.url);
    for (let nth = 0; nth < 200; nth += 1) rig.emulator.emit("order.filled", { id: `ord_${nth}` });
    await receiver.waitFor(200);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(32);
  });

  test("are stored up to a thousand; the oldest are abandoned", async () => {
    await using rig = await startRig({ speed: 1 });
    await rig.subscribe(DEAD_PORT_URL);
    for (let nth = 0; nth < 1_100; nth += 1) rig.emulator.emit("order.filled", { id: `ord_${nth}` });
    expect(rig.emulator.deliveries()).toHaveLength(1_000);
    expect(rig.emulator.deliveries()[0]?.emission.resourceId).toBe("ord_100");
  });
});
