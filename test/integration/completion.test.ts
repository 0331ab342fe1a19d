import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { openStore } from "../../src/store/store.ts";
import { makeDelivery, VERIFIED } from "../unit/store/support.ts";
import { everyHelp } from "../support/every-help.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

/** The suggestions for the last of these words, and whether files are offered. */
async function complete(words: readonly string[], env: Record<string, string> = {}, shell = "fish") {
  const home = { BLUUM_HOOKS_HOME: tempFolder() };
  const { code, stdout, stderr } = await runInProcess(
    ["completion", shell, "complete", "--", ...words],
    { ...home, ...env },
    { createApi: () => Promise.reject(new Error("a TAB must not ask the network")) },
  );
  expect([code, stderr]).toStrictEqual([0, ""]);
  const lines = stdout.trimEnd().split("\n");
  return { values: lines.slice(0, -1).map((line) => line.split("\t")[0]), wantsFiles: lines.at(-1) === ":0" };
}

describe("completion", () => {
  it("completes every command, and every flag of each", async () => {
    const { values } = await complete([""]);
    expect(values).toStrictEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
    for (const { command, flags } of await everyHelp()) {
      if (command.includes(" ") || command === "") continue;
      const suggested = (await complete([command, "--"])).values;
      expect(suggested).toStrictEqual(expect.arrayContaining([...flags].filter((flag) => flag !== "--version")));
    }
  });

  it("completes the choices of a flag, in both notations", async () => {
    expect((await complete(["listen", "--on-exit", ""])).values).toStrictEqual([
      "restore",
      "deactivate",
      "delete",
      "keep",
    ]);
    expect((await complete(["--env=pro"])).values).toStrictEqual(["production"]);
  });

  it("completes tunnels, and the actions of an agent in a list", async () => {
    expect((await complete(["listen", "--tunnel", ""])).values).toStrictEqual([
      "ngrok",
      "cloudflared",
      "tailscale",
      "none",
    ]);
    expect((await complete(["mcp", "--allow", "replay,ch"])).values).toStrictEqual(["replay,check"]);
  });

  it("completes the flags of a default subcommand", async () => {
    expect((await complete(["events", "--sig"])).values).toStrictEqual(["--signature"]);
  });

  it("completes event names and patterns, one after the other in a list", async () => {
    const { values } = await complete(["listen", "--events", ""]);
    expect(values).toStrictEqual(
      expect.arrayContaining([...Object.keys(EVENT_TYPES), "order.*", "transfer.deposit.*", "*"]),
    );
    const list = await complete(["listen", "--until", "order.filled,document.a"]);
    expect(list.values).toStrictEqual(["order.filled,document.approved"]);
    expect((await complete(["trigger", "event", "account."])).values).not.toContain("account.*");
  });

  it.each([
    ["bash", String.raw`order.\*`],
    ["zsh", String.raw`order.\\*`],
    ["fish", "order.*"],
  ])("escapes a pattern's star as %s requires", async (shell, star) => {
    const { values } = await complete(["listen", "--events", "order."], {}, shell);
    expect(values).toContain(star);
  });

  it("completes a word that is quoted or escaped", async () => {
    expect((await complete(["listen", "--events", "'order.f"])).values).toStrictEqual(["order.filled"]);
    const { values } = await complete(["listen", "--events", String.raw`order.\*,document.a`], {}, "bash");
    expect(values).toStrictEqual([String.raw`order.\*,document.approved`]);
  });

  it("completes the webhooks of the selected environment, and deliveries, and creates no store", async () => {
    const { env } = await startSandbox();
    const home = env["BLUUM_HOOKS_HOME"] ?? "";
    expect((await complete(["events", "show", ""], env)).values).toStrictEqual([]);
    expect(existsSync(join(home, "store.db"))).toBe(false);
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--trigger", "order", "--until", "order.filled"];
    await runInProcess([...listen, "--json"], env);
    const { values } = await complete(["events", "show", ""], env);
    expect(values).toStrictEqual(["last", expect.stringMatching(/^dlv_/), expect.stringMatching(/^dlv_/)]);
    const known = (await complete(["webhooks", "show", ""], env)).values;
    expect(known).toStrictEqual([expect.stringMatching(/^wh_/)]);
    expect((await complete(["listen", "--webhook", ""], env)).values).toStrictEqual(known);
    expect((await complete(["--env", "production", "listen", "--webhook", ""], env)).values).toStrictEqual([]);
  });

  it("offers no secret to set, but all settings to print", async () => {
    expect((await complete(["config", "set", ""])).values).not.toContain("api-secret");
    expect((await complete(["config", "get", "api-s"])).values).toStrictEqual(["api-secret"]);
  });

  it("leaves files and other programs to the shell", async () => {
    expect(await complete(["--env-file", ""])).toStrictEqual({ values: [], wantsFiles: true });
    expect(await complete(["exec", "--", "npm", "te"])).toStrictEqual({ values: [], wantsFiles: true });
    expect((await complete(["listen", "--port", ""])).wantsFiles).toBe(false);
  });

  it("reads a store with a damaged log and changes nothing", async () => {
    const home = tempFolder();
    const store = await openStore({ folder: home });
    await store.append(makeDelivery({ id: "dlv_1" }), VERIFIED, "sandbox");
    await store[Symbol.asyncDispose]();
    writeFileSync(join(home, "log", "0_killed.1.log"), "damaged".repeat(100));
    const before = readdirSync(home, { recursive: true, encoding: "utf8" });
    const { values } = await complete(["events", "show", ""], { BLUUM_HOOKS_HOME: home });
    expect(values).toStrictEqual(["last", "dlv_1"]);
    expect(new Set(readdirSync(home, { recursive: true, encoding: "utf8" }))).toStrictEqual(new Set(before));
  });

  it("prints no error where there is no home folder", async () => {
    const home = { BLUUM_HOOKS_HOME: "~/bluum-hooks" };
    expect((await complete(["webhooks", "show", ""], home)).values).toStrictEqual([]);
    expect((await complete(["events", "show", ""], home)).values).toStrictEqual([]);
  });

  it("completes the topics of `help`", async () => {
    const { values } = await complete(["help", ""]);
    expect(values).toStrictEqual(expect.arrayContaining([...COMMANDS.map(({ name }) => name), "flags"]));
  });

  it("ignores a damaged config file, and leaves it unchanged", async () => {
    const home = tempFolder();
    writeFileSync(join(home, "config.json"), "{ half");
    expect((await complete(["webhooks", "show", ""], { BLUUM_HOOKS_HOME: home })).values).toStrictEqual([]);
    expect(readdirSync(home)).toStrictEqual(["config.json"]);
  });
});
