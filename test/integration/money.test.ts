import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { runInProcess, type InProcessEnd } from "../support/in-process.ts";
import { startRecordedApi } from "../support/recorded-api.ts";
import { tempFolder } from "../support/temp.ts";

type Env = Readonly<Record<string, string>>;

const recipe = () => {
  const file = join(tempFolder(), "buy.yaml");
  writeFileSync(file, "- order:\n");
  return file;
};

/** Every command that can move money. */
const WAYS: readonly (readonly [what: string, words: () => readonly string[]])[] = [
  ["an order", () => ["trigger", "order"]],
  ["a deposit", () => ["trigger", "deposit"]],
  ["a withdrawal", () => ["trigger", "withdrawal", "--funding-source", "fs_1"]],
  ["a recipe", () => ["trigger", "recipe", recipe()]],
  ["an order as a curl command", () => ["trigger", "order", "--curl"]],
  ["listen --trigger", () => ["listen", "--tunnel", "none", "--port", "0", "--trigger", "order", "--timeout", "20s"]],
];

const loginLines = (env: Env) => ({
  readStdin: async () =>
    Buffer.from(`BLUUM_API_KEY=${env["BLUUM_API_KEY"]}\nBLUUM_API_SECRET=${env["BLUUM_API_SECRET"]}\n`),
});

/** How production's profile comes to name a server. */
const NAMINGS: readonly (readonly [how: string, name: (env: Env, baseUrl: string) => Promise<InProcessEnd>])[] = [
  [
    "login",
    (env, baseUrl) =>
      runInProcess(["login", "--env", "production", "--base-url", baseUrl, "--stdin"], env, loginLines(env)),
  ],
  [
    "config set base-url",
    (env, baseUrl) => runInProcess(["config", "set", "base-url", baseUrl, "--env", "production"], env),
  ],
  [
    "a webhook that was created there",
    (env, baseUrl) =>
      runInProcess(["register", "https://a.example/h", "--env", "production", "--base-url", baseUrl], env),
  ],
  [
    "a webhook that was changed there",
    async (env, baseUrl) => {
      // Another machine's: this one remembers no more of it than the journal does.
      const other = { ...env, BLUUM_HOOKS_HOME: tempFolder() };
      const at = ["--env", "production", "--base-url", baseUrl];
      const created = await runInProcess(["register", "https://a.example/h", ...at, "--json"], other);
      const { webhookId } = JSON.parse(created.stdout) as { webhookId: string };
      return runInProcess(["register", "https://a.example/new", "--webhook", webhookId, ...at], env);
    },
  ],
];

describe("money at a server that production's profile names", () => {
  describe.each(NAMINGS)("by %s", (_how, name) => {
    it.each(WAYS)("is refused: %s", async (_what, words) => {
      const api = await startRecordedApi();
      expect((await name(api.env, api.baseUrl)).code).toBe(0);
      const spellings = [api.baseUrl, `http://localhost:${api.port}/v1`, `http://[::ffff:127.0.0.1]:${api.port}/v2/`];
      for (const baseUrl of spellings) {
        const { code, error } = await runInProcess([...words(), "--base-url", baseUrl, "--yes", "--json"], api.env);
        expect([baseUrl, code, error?.code]).toEqual([baseUrl, 2, "production_refused"]);
        expect(error?.hint).toContain("--env sandbox");
      }
      expect(api.moneyCalls()).toEqual([]);
    });

    it("is refused at another port of it, too", async () => {
      const [production, other] = [await startRecordedApi(), await startRecordedApi()];
      await name(production.env, production.baseUrl);
      const { code, error } = await runInProcess(
        ["trigger", "order", "--base-url", other.baseUrl, "--json"],
        production.env,
      );
      expect([code, error?.code]).toEqual([2, "production_refused"]);
      expect(error?.message).toContain(`127.0.0.1:${production.port}`);
      expect(other.moneyCalls()).toEqual([]);
    });

    it("is accepted by an emulator at another port of it, which proves what it is", async () => {
      const [production, emulator] = [await startRecordedApi(), await startRecordedApi()];
      await name(production.env, production.baseUrl);
      const { code } = await runInProcess(
        ["trigger", "order", "--env", "emulator", "--base-url", emulator.baseUrl],
        production.env,
      );
      expect([code, emulator.moneyCalls().length]).toEqual([0, 1]);
    });
  });

  it("is refused as well where --env says emulator", async () => {
    const api = await startRecordedApi();
    await runInProcess(
      ["login", "--env", "production", "--base-url", api.baseUrl, "--stdin"],
      api.env,
      loginLines(api.env),
    );
    const words = ["trigger", "order", "--env", "emulator", "--base-url", api.baseUrl, "--json"];
    const { code, error } = await runInProcess(words, api.env);
    expect([code, error?.code, api.moneyCalls()]).toEqual([2, "production_refused", []]);
  });

  it("is refused by its address, where production names it by a name", async () => {
    const api = await startRecordedApi();
    const name = ["config", "set", "base-url", `https://gateway.internal:${api.port}`, "--env", "production"];
    await runInProcess(name, api.env);
    const asked: string[] = [];
    const lookUp: Context["lookUp"] = async (host) => {
      asked.push(host);
      return { kind: "found", addresses: ["127.0.0.1"] };
    };
    const words = ["trigger", "order", "--base-url", api.baseUrl, "--json"];
    const { code, error } = await runInProcess(words, api.env, { lookUp });
    expect([code, error?.code, api.moneyCalls(), asked]).toEqual([2, "production_refused", [], ["gateway.internal"]]);
  });

  it("is refused when the server has become production's since listen was started: key t", async () => {
    const api = await startRecordedApi();
    const stop = new AbortController();
    let stderr = "";
    let press: (key: string) => void = () => {};
    let check = () => {};
    const until = (text: string) =>
      new Promise<void>((resolve) => {
        check = () => void (stderr.includes(text) && resolve());
        check();
      });
    const listening = runInProcess(["listen", "--tunnel", "none", "--port", "0", "--base-url", api.baseUrl], api.env, {
      signal: stop.signal,
      isInteractive: true,
      readKeys: (onKey) => {
        press = onKey;
        return { [Symbol.dispose]: () => {} };
      },
      stderr: {
        write(text) {
          stderr += text;
          check();
        },
        isTTY: false,
        columns: 80,
      },
    });
    await until("Press ?");
    press("t");
    await until("placed");
    await runInProcess(
      ["login", "--env", "production", "--base-url", api.baseUrl, "--stdin"],
      api.env,
      loginLines(api.env),
    );
    press("t");
    await until("is sent to production");
    stop.abort("over");
    await listening;
    expect(api.moneyCalls()).toHaveLength(1);
  });
});

describe("a redirect by the API", () => {
  it.each([301, 302, 303, 307, 308])("with %i carries no money elsewhere", async (status) => {
    const [api, elsewhere] = [await startRecordedApi(), await startRecordedApi()];
    const location = `${elsewhere.baseUrl}/investors/inv_1/orders`;
    api.rules.push({
      method: "POST",
      path: /orders$/,
      fault: { kind: "answer", status, headers: { location }, body: "" },
    });
    const { code } = await runInProcess(["trigger", "order", "--base-url", api.baseUrl], api.env);
    expect([code, api.moneyCalls().length, elsewhere.moneyCalls()]).toEqual([1, 1, []]);
  });
});
