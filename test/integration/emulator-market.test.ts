import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { INVESTOR, type Json, MARKET_BUY, type Rig, startRig, until } from "./emulator-support/client.ts";
import { steppedClock } from "./emulator-support/clock.ts";
import { startReceiver } from "./emulator-support/receiver.ts";

const ORDERS = `${INVESTOR}/orders`;

async function place(rig: Rig, fields: Json): Promise<string> {
  const { status, body } = await rig.call("POST", ORDERS, { body: { ...MARKET_BUY, quantity: "1", ...fields } });
  expect(status).toBe(201);
  return String(body["id"]);
}

const statusOf = async (rig: Rig, id: string) => (await rig.call("GET", `${ORDERS}/${id}`)).body["status"];
const market = (rig: Rig, mode: string) => rig.call("POST", "/_emulator/market", { body: { market: mode } });
const price = (rig: Rig, value: string) =>
  rig.call("POST", "/_emulator/prices", { body: { symbol: "AAPL", price: value } });

describe("a closed market", () => {
  test("accepts orders, and fills them at the price that it opens with", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ market: "closed" });
    await rig.subscribe(receiver.url, ["order.*"]);
    const id = await place(rig, {});
    const canceled = await place(rig, {});
    await receiver.waitFor(2);
    expect(await statusOf(rig, id)).toBe("open");
    await rig.call("POST", `${ORDERS}/${canceled}/cancel`);
    expect((await price(rig, "200.00")).body).toMatchObject({ orders_filled: 0 });
    expect((await market(rig, "open")).body).toEqual({ market: "open", open: true });
    await receiver.waitFor(4);
    const events = receiver.received.map(({ payload }) => `${payload.event} ${String(payload.data["id"])}`);
    expect(new Set(events)).toEqual(
      new Set([
        `order.accepted ${id}`,
        `order.accepted ${canceled}`,
        `order.canceled ${canceled}`,
        `order.filled ${id}`,
      ]),
    );
    expect((await rig.call("GET", `${ORDERS}/${id}`)).body).toMatchObject({
      status: "filled",
      average_price: "200.00",
    });
    expect(await statusOf(rig, canceled)).toBe("cancelled");
  });

  test("fills a resting limit order whose price was reached meanwhile only when it opens", async () => {
    await using rig = await startRig();
    const id = await place(rig, { type: "limit", limit_price: "150.00" });
    await until(
      () => statusOf(rig, id),
      (status) => status === "open",
    );
    await market(rig, "closed");
    expect((await price(rig, "149.00")).body).toMatchObject({ orders_filled: 0 });
    expect(await statusOf(rig, id)).toBe("open");
    await market(rig, "open");
    await until(
      () => statusOf(rig, id),
      (status) => status === "filled",
    );
  });

  test("cancels an immediate-or-cancel order, which does not wait", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig({ market: "closed" });
    await rig.subscribe(receiver.url, ["order.*"]);
    await place(rig, { time_in_force: "ioc" });
    const events = (await receiver.waitFor(2)).map(({ payload }) => payload.event);
    expect(events).toEqual(["order.accepted", "order.canceled"]);
  });
});

test("in market hours, an order of the evening is filled in the next morning in New York", async () => {
  let now = Date.parse("2026-07-07T22:00:00Z");
  const stepped = steppedClock();
  const waits: number[] = [];
  const clock = {
    now: () => now,
    sleep: (ms: number, signal?: AbortSignal) => (waits.push(ms), stepped.sleep(ms, signal)),
  };
  await using rig = await startRig({ market: "hours", clock });
  const id = await place(rig, {});
  await until(
    () => stepped.sleeping,
    (count) => count === 1,
  );
  expect(waits).toEqual([15.5 * 60 * 60_000]);
  now += waits[0] ?? 0;
  stepped.step();
  await until(
    () => statusOf(rig, id),
    (status) => status === "filled",
  );
});

test("payloads have the form that was chosen, and are still in order for each resource", async () => {
  await using receiver = await startReceiver();
  await using rig = await startRig({ payload: "event_type" });
  await rig.subscribe(receiver.url, ["order.*"]);
  const id = await place(rig, {});
  const payloads = (await receiver.waitFor(2)).map(({ payload }) => payload as unknown);
  expect(payloads).toMatchObject([
    { event_type: "order.accepted", data: { order_id: id } },
    { event_type: "order.filled", data: { order_id: id, filled_quantity: "1" } },
  ]);
  expect(payloads[0]).not.toHaveProperty("data.id");
});

describe("the flags of commands that start an emulator", () => {
  const emulatorOf = async (args: readonly string[]) => {
    let health: unknown;
    let variables: Record<string, string | undefined> = {};
    const end = await runInProcess(
      ["exec", ...args, "--", "a-command"],
      { BLUUM_HOOKS_HOME: tempFolder() },
      {
        run: async (_words, given) => {
          variables = given;
          health = await (await fetch(new URL("/_emulator/health", given["BLUUM_BASE_URL"]))).json();
          return { code: 0, signal: null };
        },
      },
    );
    return { ...end, health, variables };
  };

  test("exec starts it with them, and a legacy emulator has an account instead of an investor", async () => {
    const { code, health, variables } = await emulatorOf([
      "--generation",
      "legacy",
      "--market",
      "closed",
      "--payload",
      "event_type",
    ]);
    expect(code).toBe(0);
    expect(health).toMatchObject({ generation: "legacy", market: "closed", payload: "event_type" });
    expect(variables).toMatchObject({ BLUUM_ACCOUNT_ID: "00000000-0000-4000-8000-000000000001" });
    expect(variables).not.toHaveProperty("BLUUM_INVESTOR_ID");
  });

  test("without them it serves both generations with an open market", async () => {
    const { health, variables } = await emulatorOf([]);
    expect(health).toMatchObject({ generation: "both", market: "open", payload: "event" });
    expect(variables).toMatchObject({ BLUUM_INVESTOR_ID: "inv_emulator00000001" });
  });

  test("they are refused for an emulator that runs already, with the request that opens or closes its market", async () => {
    const { emulator } = await startSandbox({ clock: systemClock });
    const { code, error } = await emulatorOf(["--market", "closed", "--base-url", emulator.baseUrl, "--json"]);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    expect(error?.message).toContain("--market has no effect");
    expect(error?.hint).toContain(`http://127.0.0.1:${emulator.port}/_emulator/market`);
  });

  test.each([
    [["--env", "sandbox"], "the environment is sandbox"],
    [["--env", "emulator", "--no-register"], "--no-register starts none"],
  ])("listen %j refuses them", async (args, reason) => {
    const { code, error } = await runInProcess(["listen", ...args, "--market", "closed", "--json"], {
      BLUUM_HOOKS_HOME: tempFolder(),
    });
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    expect(error?.message).toContain(reason);
  });
});
