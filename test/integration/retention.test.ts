import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { AT, seedHome } from "./events/seed.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A store with a delivery of long ago, one of 40 days ago and one of yesterday; what `listen` leaves of it. */
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
  it("for 30 days unless told otherwise", async () => {
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

  it("and deletes nothing where the retention cannot be read", async () => {
    const { env } = await seedHome([{ at: AT }]);
    const home = env["BLUUM_HOOKS_HOME"] ?? "";
    writeFileSync(join(home, "config.json"), JSON.stringify({ retention: "soon" }));
    const end = await runInProcess(["listen", "--env", "emulator", "--no-register", "--port", "0", "--json"], env);
    expect([end.code, end.error?.code]).toEqual([2, "invalid_setting"]);
    await using store = await openStore({ folder: home });
    expect(await store.list({ limit: 10 })).toHaveLength(1);
  });
});

it("retention is one for all environments", async () => {
  const { env } = await seedHome([]);
  await runInProcess(["config", "set", "retention", "0", "--env", "production"], env);
  expect((await runInProcess(["config", "get", "retention"], env)).stdout).toBe("never\n");
  await runInProcess(["config", "unset", "retention"], env);
  expect((await runInProcess(["config", "get", "retention"], env)).code).toBe(1);
});
