import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
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
  ["a cancellation", () => ["trigger", "cancel", "ord_1"]],
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

/** The ways in which production's profile can name a server. */
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
  ["a webhook that was changed there", changedThere],
];

async function changedThere(env: Env, baseUrl: string): Promise<InProcessEnd> {
  // Another machine's folder: this one knows the server only from the journal.
  const other = { ...env, BLUUM_HOOKS_HOME: tempFolder() };
  const at = ["--env", "production", "--base-url", baseUrl];
  const created = await runInProcess(["register", "https://a.example/h", ...at, "--json"], other);
  const { webhookId } = JSON.parse(created.stdout) as { webhookId: string };
  return runInProcess(["register", "https://a.example/new", "--webhook", webhookId, ...at], env);
}

describe("money at a server of production's profile", () => {
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

    it("is also refused at another port of it", async () => {
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

    it("is accepted by an emulator at another port of it, which identifies itself", async () => {
      const [production, emulator] = [await startRecordedApi(), await startRecordedApi()];
      await name(production.env, production.baseUrl);
      const { code } = await runInProcess(
        ["trigger", "order", "--env", "emulator", "--base-url", emulator.baseUrl],
        production.env,
      );
      expect([code, emulator.moneyCalls().length]).toEqual([0, 1]);
    });
  });

  it("is also refused with --env emulator", async () => {
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

  it("is refused by its address, if production uses a name", async () => {
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

describe("money at a host", () => {
  /** The target of an order with this base URL: one API on loopback answers everything. */
  async function order(baseUrl: string, ...declared: string[]) {
    const api = await startRecordedApi();
    if (declared.length > 0) await runInProcess(["config", "set", "sandbox-hosts", ...declared], api.env);
    const createApi: Context["createApi"] = async (options) => createBluumClient({ ...options, baseUrl: api.baseUrl });
    const { code, error } = await runInProcess(
      ["trigger", "order", "--base-url", baseUrl, "--yes", "--json"],
      api.env,
      {
        createApi,
        lookUp: () => Promise.reject(new Error("no name is looked up where production names none")),
      },
    );
    return { code, error, ordered: api.moneyCalls().length };
  }

  it.each([
    ["https://sandbox.api.bluumfinance.com/v1"],
    ["https://SANDBOX.api.bluumfinance.com.:443/v1"],
    ["https://test-service.bluumfinance.com/v1"],
    ["https://sandbox.api.bluum.finance/v1"],
    ["http://127.0.0.1:9/v1"],
    ["http://localhost:9/v1"],
    ["http://[::1]:9/v1"],
    ["http://2130706433:9/v1"],
    ["http://10.1.2.3/v1"],
    ["https://172.16.0.1/v1"],
    ["http://192.168.1.10:8080/v1"],
    ["http://[fd00::1]/v1"],
    ["http://[::ffff:10.1.2.3]/v1"],
    ["https://gateway.example/v1", "gateway.example"],
    ["https://gateway.example:8443/v1", "other.example", "Gateway.Example."],
    ["https://gateway.example:8443/v1", "gateway.example:8443"],
    ["https://gateway.example/v1", "gateway.example:443"],
    ["http://emulator:4650/v1", "emulator"],
    ["http://box.local:4650/v1", "http://box.local:4650/v1"],
  ])("that is a sandbox is accepted: %s %s", async (baseUrl, ...declared) => {
    expect(await order(baseUrl, ...declared)).toEqual({ code: 0, error: undefined, ordered: 1 });
  });

  it.each([
    // Bluum's production.
    ["production_refused", "https://api.bluumfinance.com/v1"],
    ["production_refused", "https://api.bluum.finance/v1"],
    ["production_refused", "https://API.BLUUM.FINANCE.:443/v1"],
    ["production_refused", "https://ａｐｉ.bluum.finance/v1"],
    ["production_refused", "https://new.bluumfinance.com/v1"],
    // Unknown hosts.
    ["sandbox_unknown", "https://api.brokerage.example/v1"],
    ["sandbox_unknown", "https://sandbox.api.bluumfinance.com.example/v1"],
    ["sandbox_unknown", "https://sandbox-api.example/v1"],
    ["sandbox_unknown", "https://8.8.8.8/v1"],
    ["sandbox_unknown", "https://[2001:4860:4860::8888]/v1"],
    ["sandbox_unknown", "https://[::ffff:8.8.8.8]/v1"],
    ["sandbox_unknown", "https://172.32.0.1/v1"],
    ["sandbox_unknown", "https://127.0.0.1.example/v1"],
    ["sandbox_unknown", "https://gateway.example/v1", "other.example", "gateway.example:8443"],
    ["sandbox_unknown", "https://sub.gateway.example/v1", "gateway.example"],
    // Maps to any address.
    ["sandbox_unknown", "http://[64:ff9b:1::8.8.8.8]/v1"],
    // The resolver decides: with a search domain, the first name could be api.bluum.finance.
    ["sandbox_unknown", "http://api/v1"],
    ["sandbox_unknown", "http://emulator:4650/v1"],
    ["sandbox_unknown", "http://gateway.internal/v1"],
    ["sandbox_unknown", "http://box.local/v1"],
    ["sandbox_unknown", "http://app.localhost/v1"],
    ["sandbox_unknown", "http://localhost.:9/v1"],
    ["sandbox_unknown", "https://127-0-0-1.nip.io/v1"],
    ["sandbox_unknown", "https://app.lvh.me/v1"],
  ])("that is not a sandbox is refused: %s %s", async (expected, baseUrl, ...declared) => {
    const { code, error, ordered } = await order(baseUrl, ...declared);
    expect([code, error?.code, ordered]).toEqual([2, expected, 0]);
    const next = expected === "sandbox_unknown" ? "bluum-hooks config set sandbox-hosts" : "--env sandbox";
    expect(error?.hint).toContain(next);
  });

  it.each(WAYS)("that is unknown is refused for every command: %s", async (_what, words) => {
    const api = await startRecordedApi();
    const createApi = () => Promise.reject(new Error("no client is needed for what is refused"));
    const args = [...words(), "--base-url", "https://gateway.example/v1", "--yes", "--json"];
    const { code, error } = await runInProcess(args, api.env, { createApi });
    expect([code, error?.code]).toEqual([2, "sandbox_unknown"]);
  });

  it("can be copied from the error into the command that declares it, with those declared before", async () => {
    const { error } = await order("https://gateway.example/v1", "other.example:8443");
    expect(error?.hint).toContain("bluum-hooks config set sandbox-hosts other.example:8443 gateway.example");
  });

  it("of production may be declared a sandbox at another port, and never at the same", async () => {
    const [production, sandbox] = [await startRecordedApi(), await startRecordedApi()];
    const { env } = production;
    await runInProcess(["config", "set", "base-url", production.baseUrl, "--env", "production"], env);
    const declare = (...hosts: string[]) => runInProcess(["config", "set", "sandbox-hosts", ...hosts, "--json"], env);
    const buy = (baseUrl: string) => runInProcess(["trigger", "order", "--base-url", baseUrl, "--json"], env);
    expect((await buy(sandbox.baseUrl)).error?.hint).toContain(`sandbox-hosts 127.0.0.1:${sandbox.port}`);
    for (const host of ["127.0.0.1", `127.0.0.1:${production.port}`, `localhost:${production.port}`]) {
      expect((await declare(host)).error?.code).toBe("production_refused");
    }
    expect((await declare(`127.0.0.1:${sandbox.port}`)).code).toBe(0);
    expect((await buy(sandbox.baseUrl)).code).toBe(0);
    // Declared as a sandbox first, and named by production later.
    await runInProcess(["config", "set", "base-url", sandbox.baseUrl, "--env", "production"], env);
    expect((await buy(sandbox.baseUrl)).error?.code).toBe("production_refused");
    expect([production.moneyCalls().length, sandbox.moneyCalls().length]).toEqual([0, 1]);
  });

  it("of which only a webhook was changed in production may be declared a sandbox later", async () => {
    const api = await startRecordedApi();
    await changedThere(api.env, api.baseUrl);
    const buy = () => runInProcess(["trigger", "order", "--base-url", api.baseUrl, "--json"], api.env);
    expect((await buy()).error?.hint).toContain(`sandbox-hosts 127.0.0.1:${api.port}`);
    await runInProcess(["config", "set", "sandbox-hosts", `127.0.0.1:${api.port}`], api.env);
    expect((await buy()).code).toBe(0);
  });
});

describe("config set sandbox-hosts", () => {
  it("saves hosts, which get, list and unset use", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const config = (...args: string[]) => runInProcess(["config", ...args], env);
    expect((await config("get", "sandbox-hosts")).code).toBe(1);
    expect(
      (await config("set", "sandbox-hosts", "gateway.example,", "https://Other.Example:8443/v1", "[fd00::1]:80"))
        .stdout,
    ).toBe("sandbox-hosts = gateway.example, other.example:8443, [fd00::1]:80\n");
    expect((await config("get", "sandbox-hosts")).stdout).toBe("gateway.example, other.example:8443, [fd00::1]:80\n");
    expect((await config("list")).stdout).toMatch(/^sandbox-hosts +gateway\.example, .* all$/m);
    await config("unset", "sandbox-hosts");
    expect((await config("get", "sandbox-hosts")).code).toBe(1);
  });

  it.each([
    "*.example",
    "gateway.example:0",
    "gateway.example:70000",
    "a/b",
    "user:pa55@gateway.example",
    "[fd00::1",
    "a..b:x",
  ])("refuses text that is not a host: %s", async (text) => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const { code, error, stderr } = await runInProcess(
      ["config", "set", "sandbox-hosts", "ok.example", text, "--json"],
      env,
    );
    expect([code, error?.code]).toEqual([2, "invalid_setting"]);
    expect(stderr).not.toContain("pa55");
    expect((await runInProcess(["config", "get", "sandbox-hosts"], env)).code).toBe(1);
  });

  it.each(["api.bluumfinance.com", "api.bluum.finance", "https://eu.bluum.finance/v1", "API.bluum.finance.:443"])(
    "refuses a production host of Bluum: %s",
    async (text) => {
      const env = { BLUUM_HOOKS_HOME: tempFolder() };
      const { code, error } = await runInProcess(["config", "set", "sandbox-hosts", text, "--json"], env);
      expect([code, error?.code]).toEqual([2, "production_refused"]);
    },
  );

  it("is the only setting with several values", async () => {
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const { code, error } = await runInProcess(["config", "set", "retention", "90", "d", "--json"], env);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
  });
});

describe("a redirect by the API", () => {
  it.each([301, 302, 303, 307, 308])("with %i is not followed", async (status) => {
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
