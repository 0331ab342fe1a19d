import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { openStore } from "../../src/store/store.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { startSandbox } from "../support/sandbox.ts";
import { AT, seedHome } from "./events/seed.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A store with a very old delivery, one from 40 days ago and one from yesterday; returns what `listen` keeps. */
async function daysKept(...retention: string[]): Promise<number> {
  const seeded = await seedHome([{ at: AT }, { at: Date.now() - 40 * DAY_MS }, { at: Date.now() - DAY_MS }]);
  const env = { ...(await startSandbox()).env, ...seeded.env };
  if (retention.length > 0) expect(await runInProcess(["config", ...retention], env)).toMatchObject({ code: 0 });
  const { code } = await runInProcess(["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s"], env);
  expect(code).toBe(5);
  await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
  return (await store.list({ limit: 10 })).length;
}

describe("listen keeps deliveries", () => {
  it("for 30 days by default", async () => {
    expect(await daysKept()).toBe(1);
  });

  it.each([
    ["90d", 2],
    ["12h", 0],
    ["never", 3],
    ["0", 3],
  ])("with the retention %s: %i of three", async (retention, kept) => {
    expect(await daysKept("set", "retention", retention)).toBe(kept);
  });

  it("and reports how many it deletes, and their age", async () => {
    const { env } = await seedHome([
      { at: Date.now() - 41 * DAY_MS },
      { at: Date.now() - 40 * DAY_MS },
      { at: Date.now() - 20 * DAY_MS },
      { at: Date.now() - DAY_MS },
    ]);
    const listener = await startListener([], env);
    const { deleted, before } = await listener.record("pruned");
    expect(deleted).toBe(2);
    const ageMs = Date.now() - Date.parse(String(before));
    expect(ageMs).toBeGreaterThanOrEqual(30 * DAY_MS);
    expect(ageMs).toBeLessThan(31 * DAY_MS);
  });

  it("and deletes nothing if the clock has jumped past all of them, and says why", async () => {
    const { env } = await seedHome([{ at: Date.now() - DAY_MS }, { at: Date.now() }]);
    const clock = { ...systemClock, now: () => Date.now() + 3_650 * DAY_MS };
    const start = () =>
      runInProcess(
        ["listen", "--env", "emulator", "--no-register", "--port", "0", "--timeout", "0.1s", "--json"],
        env,
        {
          clock,
        },
      );
    for (const _turn of [1, 2]) {
      const { stdout } = await start();
      expect(stdout).toContain('"code":"clock_doubted"');
      expect(stdout).toContain("2 deliveries are older than the retention");
      expect(stdout).not.toContain('"type":"pruned"');
    }
    await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
    expect(await store.list({})).toHaveLength(2);
  });

  it("and deletes nothing if the retention cannot be read", async () => {
    const { env } = await seedHome([{ at: AT }]);
    const home = env["BLUUM_HOOKS_HOME"] ?? "";
    writeFileSync(join(home, "config.json"), JSON.stringify({ retention: "soon" }));
    const end = await runInProcess(["listen", "--env", "emulator", "--no-register", "--port", "0", "--json"], env);
    expect([end.code, end.error?.code]).toEqual([2, "invalid_setting"]);
    await using store = await openStore({ folder: home });
    expect(await store.list({ limit: 10 })).toHaveLength(1);
  });
});

describe("a retention of less than an hour", () => {
  it.each(["1s", "59m", "0.5h"])("such as %s is saved only if the user agrees", async (retention) => {
    const { env } = await seedHome([]);
    const set = (...flags: string[]) => runInProcess(["config", "set", "retention", retention, ...flags], env);
    const stored = async () => (await runInProcess(["config", "get", "retention"], env)).stdout;
    expect(await set("--json")).toMatchObject({ code: 2, error: { code: "confirmation_required" } });
    expect(await stored()).toBe("");
    expect((await set("--yes")).code).toBe(0);
    expect(await stored()).toBe(`${retention}\n`);
  });

  it("is saved if the answer is yes, and not if it is no", async () => {
    const { env } = await seedHome([]);
    const set = (answer: boolean) =>
      runInProcess(["config", "set", "retention", "10m"], env, { isInteractive: true, confirm: async () => answer });
    expect((await set(false)).stderr).toBe("Nothing was changed.\n");
    expect((await set(true)).stdout).toBe("retention = 10m\n");
  });
});

it("the retention applies to all environments", async () => {
  const { env } = await seedHome([]);
  await runInProcess(["config", "set", "retention", "0", "--env", "production"], env);
  expect((await runInProcess(["config", "get", "retention"], env)).stdout).toBe("never\n");
  await runInProcess(["config", "unset", "retention"], env);
  expect((await runInProcess(["config", "get", "retention"], env)).code).toBe(1);
});
