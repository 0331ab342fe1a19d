import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { AppError } from "../../src/core/errors.ts";
import type { Context } from "../../src/context.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

// Bluum's page get-started/sandbox: outside 09:30 to 16:00 in New York, market orders queue until the next open.

const SATURDAY = Date.parse("2026-07-18T15:00:00Z");
const MONDAY = Date.parse("2026-07-20T15:00:00Z");
const SANDBOX = "https://sandbox.api.bluumfinance.com/v1";

/** What a command has printed to stderr before it uses the API, and at its end. No request leaves this machine. */
async function saidAt(now: number, args: readonly string[], baseUrl = SANDBOX) {
  const { env } = await startSandbox();
  let [stderr, saidBefore] = ["", ""];
  const createApi: Context["createApi"] = async () => {
    saidBefore ||= stderr;
    throw new AppError("api_unreachable", "not in a test");
  };
  await runInProcess(
    [...args, "--json"],
    { ...env, BLUUM_BASE_URL: baseUrl },
    {
      clock: { now: () => now, sleep: async () => {} },
      stderr: { write: (text: string) => void (stderr += text), isTTY: false, columns: 80 },
      createApi,
    },
  );
  return { before: saidBefore, all: stderr };
}

const LISTEN = ["listen", "--port", "0", "--tunnel", "none", "--no-inspect"];

describe("while the market of the sandbox is closed,", () => {
  it.each([
    ["trigger order --wait", ["trigger", "order", "--wait"]],
    ["listen --until order.filled", [...LISTEN, "--trigger", "order", "--until", "order.filled"]],
    ["listen --until with a pattern", [...LISTEN, "--until", "order.*"]],
    ["listen --trigger order", [...LISTEN, "--trigger", "order"]],
  ])("%s says before anything is sent when orders will fill", async (_name, args) => {
    const { before } = await saidAt(SATURDAY, args);
    expect(before).toContain('"market_closed"');
    expect(before).toContain("Monday, 09:30 in New York");
  });

  it.each([
    ["the market is open", MONDAY, ["trigger", "order", "--wait"]],
    ["the market is open", MONDAY, [...LISTEN, "--trigger", "order", "--until", "order.filled"]],
    ["no fill is awaited", SATURDAY, ["trigger", "order", "--wait", "order.accepted"]],
    ["no fill is awaited", SATURDAY, [...LISTEN, "--trigger", "order", "--until", "order.accepted"]],
    [
      "a limit order may rest anyway",
      SATURDAY,
      ["trigger", "order", "--wait", "--type", "limit", "--limit-price", "1"],
    ],
    ["nothing is awaited", SATURDAY, ["trigger", "order"]],
    ["nothing is awaited", SATURDAY, LISTEN],
  ])("nothing is said if %s: %#", async (_why, now, args) => {
    const { all } = await saidAt(now, args);
    expect(all).toContain("not in a test");
    expect(all).not.toContain("market_closed");
  });

  it("nothing is said of a server whose hours are not known", async () => {
    const { all } = await saidAt(SATURDAY, ["trigger", "order", "--wait"], "http://127.0.0.1:1/v1");
    expect(all).toContain("not in a test");
    expect(all).not.toContain("market_closed");
  });
});

describe("a recipe that waits while the market of the sandbox is closed", () => {
  /** Its orders go to an emulator that delivers nothing to the listener. */
  async function stderrOf(recipe: string): Promise<string> {
    const { env: own, emulator } = await startSandbox();
    const env = { ...own, BLUUM_BASE_URL: SANDBOX, BLUUM_WEBHOOK_SECRET: "a secret" };
    await startListener([], env);
    const file = join(tempFolder(), "mine.yaml");
    writeFileSync(file, recipe);
    const { stderr } = await runInProcess(["trigger", "recipe", file, "--json"], env, {
      clock: { now: () => SATURDAY, sleep: async () => {} },
      createApi: async (options) => createBluumClient({ ...options, baseUrl: emulator.baseUrl }),
    });
    return stderr;
  }

  it.each([
    ["all events of a market order", "- order: {}\n  as: buy\n- wait: { for: buy, timeout: 0s }\n"],
    ["a fill", "- order: {}\n  as: buy\n- wait: { for: buy, events: order.filled, timeout: 0s }\n"],
    [
      "the delivery of a fill",
      "- order: {}\n  as: buy\n- expect: { of: buy, events: order.filled, deliveries: 1, timeout: 0s }\n",
    ],
  ])("for %s says so", async (_name, recipe) => {
    expect(await stderrOf(recipe)).toContain('"market_closed"');
  });

  it.each([
    ["the acceptance only", "- order: {}\n  as: buy\n- wait: { for: buy, events: order.accepted, timeout: 0s }\n"],
    ["an event that it sends itself", "- event: order.filled\n  as: fill\n- wait: { for: fill, timeout: 5s }\n"],
  ])("for %s says nothing", async (_name, recipe) => {
    expect(await stderrOf(recipe)).not.toContain("market_closed");
  });
});
