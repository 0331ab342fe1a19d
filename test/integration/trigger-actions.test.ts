import { describe, expect, it } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";

interface Triggered {
  readonly id: string;
  readonly status: string;
}

const trigger = async (args: readonly string[], env: Record<string, string>) => {
  const end = await runInProcess(["trigger", ...args, "--json"], env);
  return { ...end, record: (end.stdout === "" ? {} : JSON.parse(end.stdout.split("\n")[0] ?? "")) as Triggered };
};

const RESTING = ["order", "--type", "limit", "--limit-price", "1.00"];

// Current API reference, "Cancel an order".
describe("trigger cancel", () => {
  it("cancels an open order, and prints its new state", async () => {
    const { env } = await startSandbox();
    const { record: order } = await trigger(RESTING, env);
    const { code, record } = await trigger(["cancel", order.id], env);
    expect(code).toBe(0);
    expect(record).toMatchObject({ type: "triggered", resource: "order", id: order.id, status: "cancelled" });
    expect(record).toMatchObject({ order: { canceledAt: expect.any(String) as string } });
  });

  it("sends no body, and shows the request without sending it", async () => {
    const { emulator, env } = await startSandbox();
    const { baseUrl, calls } = await startFaultProxy(emulator.baseUrl);
    const { record: order } = await trigger(RESTING, { ...env, BLUUM_BASE_URL: baseUrl });
    const path = `/v1/investors/${EMULATOR_ACCESS.investorId}/orders/${order.id}/cancel`;
    const { stdout } = await runInProcess(["trigger", "cancel", order.id, "--dry-run"], env);
    expect(stdout).toMatch(/^POST \S+\/cancel\nIdempotency-Key: bh_\w+\n$/);
    const curl = await runInProcess(["trigger", "cancel", order.id, "--curl"], env);
    expect(curl.stdout).not.toContain("--data-raw");
    await trigger(["cancel", order.id], { ...env, BLUUM_BASE_URL: baseUrl });
    expect(calls.at(-1)).toMatchObject({ method: "POST", path, body: "" });
  });

  it("reports an order that cannot be canceled, or that does not exist", async () => {
    const { env } = await startSandbox();
    const { record: order } = await trigger(RESTING, env);
    await trigger(["cancel", order.id], env);
    expect((await trigger(["cancel", order.id], env)).error?.code).toBe("api_conflict");
    expect((await trigger(["cancel", "ord_none"], env)).error?.code).toBe("api_not_found");
  });
});

// One edition accepts an ACH deposit without a bank reference; the others refuse it.
it("an ACH deposit without a linked bank is sent, and its refusal says what it lacks", async () => {
  const { emulator, env } = await startSandbox();
  const { baseUrl, calls, rules } = await startFaultProxy(emulator.baseUrl);
  rules.push({
    method: "POST",
    path: /deposits/,
    fault: { kind: "answer", status: 400, body: '{"code":"BLUM-400-002","message":"m"}' },
  });
  const { code, error } = await trigger(["deposit", "--method", "ach"], { ...env, BLUUM_BASE_URL: baseUrl });
  expect(calls.map(({ path }) => path)).toEqual([expect.stringMatching(/deposits$/)]);
  expect([code, error?.code]).toEqual([1, "api_refused"]);
  expect(error?.hint).toContain("names no linked bank. Add --funding-source");
  const named = ["deposit", "--method", "ach", "--funding-source", "fs_1"];
  const other = await trigger(named, { ...env, BLUUM_BASE_URL: baseUrl });
  expect(other.error?.code).toBe("api_refused");
  expect(other.error?.hint).toBe("Add the field that the message names.");
});

// Sandbox page: outside 09:30 to 16:00 in New York, market orders queue until the next open.
describe("trigger order --wait outside market hours", () => {
  const SATURDAY = Date.parse("2026-07-18T15:00:00Z");
  const MONDAY = Date.parse("2026-07-20T15:00:00Z");

  /** Warnings on stderr, and whether an order was sent before the first of them. */
  async function warningsAt(now: number, args: readonly string[], baseUrl = "https://sandbox.api.bluumfinance.com/v1") {
    const { env } = await startSandbox();
    let stderr = "";
    let saidBefore = "";
    const clock = { now: () => now, sleep: async () => {} };
    const stderrSink = { write: (text: string) => void (stderr += text), isTTY: false, columns: 80 };
    await runInProcess(
      ["trigger", "order", ...args, "--json"],
      { ...env, BLUUM_BASE_URL: baseUrl },
      {
        clock,
        stderr: stderrSink,
        // No request leaves this machine.
        createApi: async () => {
          saidBefore = stderr;
          throw new AppError("api_unreachable", "not in a test");
        },
      },
    );
    return { closed: saidBefore.includes('"market_closed"'), text: saidBefore };
  }

  it("says before the order is sent when it will fill", async () => {
    const { closed, text } = await warningsAt(SATURDAY, ["--wait"]);
    expect(closed).toBe(true);
    expect(text).toContain("Monday, 09:30 in New York");
  });

  it.each([
    ["the market is open", MONDAY, ["--wait"]],
    ["no fill is awaited", SATURDAY, ["--wait", "order.accepted"]],
    ["a limit order may rest anyway", SATURDAY, ["--wait", "--type", "limit", "--limit-price", "1"]],
    ["nothing is awaited", SATURDAY, []],
  ])("says nothing if %s", async (_why, now, args) => {
    expect((await warningsAt(now, args)).closed).toBe(false);
  });

  it("says nothing for a server whose hours are not known", async () => {
    expect((await warningsAt(SATURDAY, ["--wait"], "http://127.0.0.1:1/v1")).closed).toBe(false);
  });
});

it("a manual deposit prints the reference that its sender must quote", async () => {
  const { env } = await startSandbox();
  const { stdout } = await runInProcess(["trigger", "deposit"], env);
  expect(stdout).toMatch(/^deposit dep_\w+ {2}pending {2}reference \S+\n$/);
});
