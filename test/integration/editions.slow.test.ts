import { describe, expect, it } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { SCHEMES } from "../../src/core/signature.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { EDITIONS, spellAs } from "../support/wire-shapes.ts";

const OWNERS = {
  current: { BLUUM_INVESTOR_ID: EMULATOR_ACCESS.investorId },
  legacy: { BLUUM_ACCOUNT_ID: EMULATOR_ACCESS.accountId },
};

const GENERATIONS = ["current", "legacy"] as const;

interface DeliveryRecord {
  readonly type: string;
  readonly event: string;
  readonly signature: { verdict: string; scheme: string };
  readonly payload: { data: Record<string, unknown> };
}

const LISTEN = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "100s", "--json"];

const deliveries = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as DeliveryRecord)
    .filter(({ type }) => type === "delivery");

const every = GENERATIONS.flatMap((generation) =>
  SCHEMES.flatMap((signing) => EDITIONS.map((edition) => ({ generation, signing, edition, ...edition }))),
);

async function setUp(generation: (typeof GENERATIONS)[number], options: Parameters<typeof startSandbox>[0] = {}) {
  const { emulator, env, call } = await startSandbox(options);
  const { BLUUM_INVESTOR_ID: _current, ...rest } = env;
  return { emulator, call, env: { ...rest, ...OWNERS[generation] } };
}

describe("listen receives an order's two events, verified", () => {
  it.each(every)(
    "in the $generation generation, signed as $signing, lists as $list, events as $events",
    async ({ generation, signing, edition }) => {
      const { emulator, env, call } = await setUp(generation, { signing });
      const proxy = await startFaultProxy(emulator.baseUrl, { transform: spellAs(edition) });
      const end = await runInProcess([...LISTEN, "--trigger", "order", "--until", "order.filled"], {
        ...env,
        BLUUM_BASE_URL: proxy.baseUrl,
      });
      expect(end.error).toBeUndefined();
      expect(end.code).toBe(0);
      expect(
        deliveries(end.stdout).map(({ event, signature }) => [event, signature.verdict, signature.scheme]),
      ).toEqual([
        ["order.accepted", "verified", signing],
        ["order.filled", "verified", signing],
      ]);
      const owner = generation === "current" ? "investor_id" : "account_id";
      expect(deliveries(end.stdout)[0]?.payload.data).toHaveProperty(owner, Object.values(OWNERS[generation])[0]);
      expect((await webhooksOf(call)).map(({ status }) => status)).toEqual(["INACTIVE"]);
    },
  );
});

describe("trigger waits for the events of", () => {
  it.each(
    GENERATIONS.flatMap((generation) =>
      [
        { what: "order", args: [], events: ["order.accepted", "order.filled"] },
        { what: "deposit", args: [], events: ["transfer.deposit.initiated"] },
        {
          what: "deposit",
          args: ["--method", "ach", "--funding-source", "fs_1"],
          events: ["transfer.deposit.initiated", "transfer.deposit.completed"],
        },
        {
          what: "withdrawal",
          args: ["--method", "ach", "--funding-source", "fs_1"],
          events: ["transfer.withdrawal.initiated", "transfer.withdrawal.completed"],
        },
      ].map((row) => ({ generation, ...row })),
    ),
  )("a $generation $what $args", async ({ generation, what, args, events }) => {
    const { env } = await setUp(generation);
    const stop = new AbortController();
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const listening = runInProcess(LISTEN, env, {
      signal: stop.signal,
      stdout: { write: (text) => void (text.includes('"ready"') && isReady()), isTTY: false, columns: 80 },
    });
    await ready;
    const end = await runInProcess(["trigger", what, ...args, "--wait", "--timeout", "100s", "--json"], env);
    stop.abort("over");
    await listening;
    expect(end.error).toBeUndefined();
    expect(end.code).toBe(0);
    expect(deliveries(end.stdout).map(({ event, signature }) => [event, signature.verdict])).toEqual(
      events.map((event) => [event, "verified"]),
    );
  });
});
