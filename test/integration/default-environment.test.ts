import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const KEYS = { BLUUM_API_KEY: "k", BLUUM_API_SECRET: "a-long-secret" };

describe("a command for the sandbox while listen runs with the emulator", () => {
  it.each<[what: string, words: readonly string[], more: Record<string, string>]>([
    ["trigger order without keys", ["trigger", "order"], {}],
    ["trigger order without an owner", ["trigger", "order"], KEYS],
    ["trigger event to a port", ["trigger", "event", "order.filled", "--to", "3000"], {}],
    ["a recipe", ["trigger", "recipe", "fund-then-buy"], KEYS],
    ["check", ["check", "http://127.0.0.1:9/hooks"], {}],
    ["sign", ["sign", "-"], {}],
  ])("is named if the command fails: %s", async (_what, words, more) => {
    const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_INVESTOR_ID: "", ...more };
    const listener = await startListener(["--env", "emulator"], env);
    const { code, error } = await runInProcess([...words, "--json"], env);
    expect(code).not.toBe(0);
    expect(error?.hint).toContain(listener.url);
    expect(error?.hint).toContain("Add --env emulator");
    expect(error?.hint).toContain("bluum-hooks config set env emulator");
    const named = await runInProcess([...words, "--env", "sandbox", "--json"], env);
    expect([named.error?.code, named.error?.message]).toEqual([error?.code, error?.message]);
    expect(named.error?.hint).not.toContain("emulator (");
  });

  it("is named if an app refuses deliveries signed with another secret", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    await startListener(["--env", "emulator"], env);
    const app = await startApp((_request, response) => response.writeHead(401).end());
    const { error } = await runInProcess(["trigger", "event", "order.filled", "--to", app.url, "--json"], {
      ...env,
      BLUUM_WEBHOOK_SECRET: "whsec_b2YgdGhlIHNhbmRib3g=",
    });
    expect([error?.code, error?.hint]).toEqual(["unexpected_answer", expect.stringContaining("Add --env emulator")]);
  });

  it("is not mentioned if no such listener runs, or one for the sandbox does", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const hint = async () => (await runInProcess(["trigger", "order", "--json"], env)).error?.hint;
    expect(await hint()).not.toContain("Add --env emulator to use the emulator");
    await startListener(["--env", "emulator"], env);
    expect(await hint()).toContain("Add --env emulator to use the emulator");
    await startListener([], env);
    expect(await hint()).not.toContain("Add --env emulator to use the emulator");
  });
});

describe("config set env", () => {
  it("is the environment if neither a flag nor a variable names one", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const environment = async (args: readonly string[] = [], more: Record<string, string> = {}) => {
      const { stdout } = await runInProcess(["config", "list", "--json", ...args], { ...env, ...more });
      return (JSON.parse(stdout) as { environment: string }).environment;
    };
    expect(await environment()).toBe("sandbox");
    expect((await runInProcess(["config", "set", "env", "emulator"], env)).stdout).toBe("env = emulator\n");
    expect(await environment()).toBe("emulator");
    expect(await environment([], { BLUUM_ENV: "production" })).toBe("production");
    expect(await environment(["--env", "sandbox"])).toBe("sandbox");
    const { stdout } = await runInProcess(["config", "list"], env);
    expect(stdout).toMatch(/^env +emulator +all$/m);
    const overridden = await runInProcess(["config", "list"], { ...env, BLUUM_ENV: "sandbox" });
    expect(overridden.stdout).toMatch(/^env +emulator +all \(overridden by BLUUM_ENV\)$/m);
    await runInProcess(["config", "unset", "env"], env);
    expect(await environment()).toBe("sandbox");
  });

  it("makes listen, trigger and events use the emulator without a flag, and hints omit it", async () => {
    const { emulator } = await startSandbox();
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    await runInProcess(["config", "set", "env", "emulator"], env);
    await runInProcess(["config", "set", "base-url", emulator.baseUrl], env);
    expect((await runInProcess(["trigger", "order", "--json"], env)).code).toBe(0);
    const { error } = await runInProcess(["trigger", "event", "order.filled", "--json"], env);
    expect(error?.code).toBe("listener_not_running");
    expect(error?.hint).toContain(`bluum-hooks listen --base-url ${emulator.baseUrl}`);
    const sandbox = await runInProcess(["trigger", "order", "--env", "sandbox", "--json"], env);
    expect(sandbox.error?.hint).toContain("bluum-hooks login --env sandbox");
  });

  it.each(["production", "staging"])("refuses %s", async (name) => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const { code, error } = await runInProcess(["config", "set", "env", name, "--json"], env);
    expect([code, error?.code]).toEqual([2, "invalid_setting"]);
    expect(error?.message).toContain("sandbox or emulator");
  });
});
