import { describe, expect, it } from "vitest";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/store/store.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

const MINE = "http://127.0.0.1:9/mine";
const DEAD = "http://127.0.0.1:4600/webhooks/bluum";

/** A session took the webhook over and was killed, or is still running. */
async function afterKill(state: "killed" | "alive" = "killed") {
  const { env, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", { name: "w", url: MINE, eventTypeNames: ["*"] })) as { id: string };
  const store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
  const place = { environment: "sandbox", baseUrl: env["BLUUM_BASE_URL"] ?? "", webhookId: id };
  const before = { name: "w", url: MINE, events: ["*"], status: "ACTIVE", description: null };
  await store.changes.plan({ ...place, kind: "session", before, after: { ...before, url: DEAD }, onExit: "restore" });
  await call("PATCH", `/webhooks/${id}`, { url: DEAD });
  const holder = { pid: process.pid, since: 0, what: "test" };
  const lock = state === "alive" ? await store.tryLock(`session ${place.baseUrl} ${id}`, holder) : undefined;
  return {
    id,
    call,
    run: (...args: string[]) => runInProcess(args, env),
    url: async () => (await webhooksOf(call)).map((each) => each.url),
    async [Symbol.asyncDispose]() {
      await lock?.[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe("a pending restore", () => {
  it.each(["list", "show"])("is reported by webhooks %s, with the command that finishes it", async (what) => {
    await using left = await afterKill();
    const args = ["webhooks", what, ...(what === "show" ? [left.id] : []), "--json"];
    const { code, stdout, stderr } = await left.run(...args);
    expect(code).toBe(0);
    expect(stdout).toContain(DEAD);
    const { warning } = JSON.parse(stderr) as { warning: Record<string, string> };
    expect(warning).toMatchObject({ code: "restore_pending", message: expect.stringContaining(MINE) as string });
    expect(warning["hint"]).toContain("bluum-hooks restore");
    expect(await left.url()).toEqual([DEAD]);
  });

  it.each(["list", "show"])("is not reported by webhooks %s while its session lives", async (what) => {
    await using left = await afterKill("alive");
    expect((await left.run("webhooks", what, ...(what === "show" ? [left.id] : []))).stderr).toBe("");
  });

  it("is not reported for another webhook", async () => {
    await using left = await afterKill();
    const { id } = (await left.call("POST", "/webhooks", { name: "o", url: MINE, eventTypeNames: ["*"] })) as {
      id: string;
    };
    expect(await left.run("webhooks", "show", id)).toMatchObject({ code: 0, stderr: "" });
  });

  it.each([
    ["register", "https://app.example/hooks", "--new"],
    ["promote", "https://93.184.216.34/hooks", "--new", "--name", "live", "--events", "order.*"],
  ])("is reported by %s %s --dry-run, which changes nothing", async (...args) => {
    await using left = await afterKill();
    const { code, stderr } = await left.run(...args, "--dry-run");
    expect([code, stderr.includes("bluum-hooks restore")]).toEqual([0, true]);
    expect(await left.url()).toEqual([DEAD]);
    expect((await left.run("restore", "--list", "--json")).stdout).toContain(left.id);
  });

  it("is finished by a run without --dry-run", async () => {
    await using left = await afterKill();
    await left.run("register", "https://app.example/hooks", "--new", "--name", "other");
    expect(await left.url()).toContain(MINE);
  });
});

it("webhooks list shows the webhooks even if the store cannot be opened, and says so", async () => {
  const { env, call } = await startSandbox();
  await call("POST", "/webhooks", { name: "w", url: MINE, eventTypeNames: ["*"] });
  mkdirSync(join(env["BLUUM_HOOKS_HOME"] ?? "", "store.db"), { recursive: true });
  const { code, stdout, stderr } = await runInProcess(["webhooks", "list", "--json"], env);
  expect(code).toBe(0);
  expect(stdout).toContain(MINE);
  expect(stderr).toContain('"code":"store_');
});
