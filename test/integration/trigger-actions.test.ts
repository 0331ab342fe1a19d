import { describe, expect, it } from "vitest";
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

it("a manual deposit prints the reference that its sender must quote", async () => {
  const { env } = await startSandbox();
  const { stdout } = await runInProcess(["trigger", "deposit"], env);
  expect(stdout).toMatch(/^deposit dep_\w+ {2}pending {2}reference \S+\n$/);
});
