import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Waits } from "../../src/platform/waits.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

function machine(variables: Record<string, string> = {}) {
  const home = tempFolder();
  return {
    home,
    config: (...args: string[]) => runInProcess(["config", ...args], { BLUUM_HOOKS_HOME: home, ...variables }),
  };
}

const ACCOUNT = "3f2504e0-4f89-11d3-9a0c-030512345678";

interface Listed {
  readonly settings: readonly { name: string; isSet: boolean; value?: string | null; overriddenBy: string | null }[];
}

describe("config", () => {
  it("sets, gets and unsets the values that the commands use", async () => {
    const { config, home } = machine();
    expect((await config("set", "investor", "inv_1")).stdout).toBe("investor = inv_1\n");
    expect((await config("get", "investor")).stdout).toBe("inv_1\n");
    expect((await config("get", "investor", "--env", "production")).code).toBe(1);
    const { stderr } = await config("set", "account", ACCOUNT);
    expect(stderr).toContain("Removed the saved investor");
    expect((await config("get", "investor")).code).toBe(1);
    await config("unset", "account");
    expect((await config("get", "account", "--json")).stdout).toContain('"value":null');
    expect((await config("path")).stdout).toBe(`${join(home, "config.json")}\n`);
  });

  it("sets a base URL, a webhook and a domain that are then used", async () => {
    const { env } = await startSandbox();
    const { BLUUM_BASE_URL: baseUrl = "", ...rest } = env;
    const run = (...args: string[]) => runInProcess([...args, "--json"], rest);
    const created = await runInProcess(["register", "http://127.0.0.1:9/a", "--json"], env);
    const { webhookId } = JSON.parse(created.stdout) as { webhookId: string };
    await run("config", "unset", "webhook");
    await run("config", "set", "base-url", `${baseUrl}/`);
    await run("config", "set", "webhook", webhookId);
    expect((await run("webhooks", "show", webhookId)).code).toBe(0);
    const { stdout } = await run("listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s");
    expect(stdout).toContain(`"registered","webhookId":"${webhookId}","action":"patched"`);
    expect(JSON.parse((await run("config", "set", "ngrok-domain", "https://A.ngrok.app/")).stdout)).toMatchObject({
      value: "a.ngrok.app",
    });
  });

  it.each([
    ["base-url", "http://example.com/v1", "invalid_setting"],
    ["base-url", "https://api.bluumfinance.com/v1", "invalid_setting"],
    ["investor", "a/b", "invalid_setting"],
    ["investor", ACCOUNT, "invalid_setting"],
    ["account", "foo", "invalid_setting"],
    ["webhook", "..", "invalid_setting"],
    ["ngrok-domain", "a b", "invalid_setting"],
    ["retention", "a while", "invalid_setting"],
    ["retention", "30", "invalid_setting"],
    ["retention", "0d", "invalid_setting"],
    ["investor", " ", "invalid_usage"],
  ])("refuses %s %j", async (name, value, code) => {
    const { config } = machine();
    const end = await config("set", name, value, "--json");
    expect([end.code, end.error?.code]).toStrictEqual([2, code]);
    expect((await config("get", name)).code).toBe(1);
  });

  it.each(["api-key", "api-secret", "ngrok-authtoken", "webhook-secret"])(
    "accepts no %s on the command line, and does not print it",
    async (name) => {
      const { config, home } = machine();
      const { code, error, stdout, stderr } = await config("set", name, "s3cret-value", "--json");
      expect([code, error?.code]).toStrictEqual([2, "invalid_usage"]);
      expect(error?.hint).toContain(name === "webhook-secret" ? "BLUUM_WEBHOOK_SECRET" : "login");
      const files = readdirSync(home).map((file) => readFileSync(join(home, file), "utf8"));
      expect(stdout + stderr + files.join("")).not.toContain("s3cret-value");
    },
  );

  it.each([
    ["investr", "investor"],
    ["BLUUM_ACCOUNT_ID", "account"],
  ])("suggests the most similar setting for %s", async (given, meant) => {
    const { error } = await machine().config("get", given, "--json");
    expect(error).toMatchObject({
      code: "invalid_usage",
      hint: expect.stringContaining(`Did you mean ${meant}?`) as string,
    });
  });

  it("suggests nothing for another word", async () => {
    const { error } = await machine().config("get", "something-else", "--json");
    expect(error?.hint).toMatch(/^Use one of env, base-url, /);
  });

  it("says that a stored key pair is not sent to the base URL that was set", async () => {
    const { config, home } = machine();
    const pair = { apiKey: "the-key", apiSecret: "the-secret", investorId: "no id" };
    writeFileSync(join(home, "config.json"), JSON.stringify({ environments: { sandbox: pair } }));
    const { code, stderr } = await config("set", "base-url", "http://elsewhere/v1");
    expect([code, stderr]).toStrictEqual([
      0,
      expect.stringContaining("Note: the key pair of sandbox is not sent to elsewhere."),
    ]);
    expect((await config("set", "base-url", "https://sandbox.api.bluumfinance.com/v1")).stderr).not.toContain("Note:");
  });

  it("lists saved settings, secrets masked, and the variables that override them", async () => {
    const { config, home } = machine({ BLUUM_INVESTOR_ID: "inv_env" });
    writeFileSync(
      join(home, "config.json"),
      JSON.stringify({
        environments: { sandbox: { apiKey: "the-key", apiSecret: "the-secret", investorId: "inv_1" } },
      }),
    );
    const human = await config("list");
    const listed = JSON.parse((await config("--json")).stdout) as Listed;
    expect(listed.settings.find(({ name }) => name === "investor")).toMatchObject({
      value: "inv_1",
      overriddenBy: "BLUUM_INVESTOR_ID",
    });
    expect(listed.settings.find(({ name }) => name === "api-secret")).toMatchObject({ isSet: true });
    expect(human.stdout).toMatch(/api-secret +••••/);
    for (const secret of ["the-key", "the-secret"]) {
      expect(human.stdout + JSON.stringify(listed) + (await config("get", "api-secret")).stdout).not.toContain(secret);
    }
  });

  it("fixes an invalid saved base URL, with which every other command fails", async () => {
    const { config, home } = machine();
    writeFileSync(join(home, "config.json"), '{"environments":{"sandbox":{"baseUrl":"nonsense"}}}');
    expect((await config("unset", "base-url")).code).toBe(0);
    expect((await config("get", "base-url")).code).toBe(1);
  });
});

describe("a damaged config file", () => {
  it("is renamed, reported on stderr, and the command continues", async () => {
    const { config, home } = machine();
    writeFileSync(join(home, "config.json"), "{ half");
    const { code, stdout, stderr } = await config("list", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty("settings");
    const { warning } = JSON.parse(stderr) as { warning: { code: string; message: string; hint: string } };
    const [aside = ""] = readdirSync(home).filter((file) => file.includes("damaged"));
    expect(warning).toMatchObject({ code: "config_damaged", message: expect.stringContaining(aside) as string });
    expect(readFileSync(join(home, aside), "utf8")).toBe("{ half");
    expect((await config("list")).stderr).toBe("");
  });

  it("that cannot be read is an error with its path", async () => {
    const { config, home } = machine();
    mkdirSync(join(home, "config.json"));
    expect((await config("list", "--json")).error).toMatchObject({ code: "file_unusable" });
  });
});

it("listen names all missing credentials in one error, with what to do with and without an account", async () => {
  const { code, error } = await runInProcess(["listen", "--json"], { BLUUM_HOOKS_HOME: tempFolder() });
  expect(code).toBe(3);
  expect(error).toMatchObject({
    code: "credentials_missing",
    message: "missing sandbox credentials: API key, API secret, ngrok authtoken",
    hint: expect.stringMatching(/^Add --env emulator .* or run: bluum-hooks login$/) as string,
  });
});

describe("a lock left by a killed process", () => {
  const TEN_YEARS_S = 3_650 * 24 * 3600;

  it("and dated in the future is taken over after a while, and the wait is reported", async () => {
    const { home, config } = machine();
    await config("set", "retention", "80d");
    const lock = join(home, "config.json.lock");
    mkdirSync(lock);
    utimesSync(lock, Date.now() / 1000 + TEN_YEARS_S, Date.now() / 1000 + TEN_YEARS_S);
    const { code, stdout, stderr } = await runInProcess(
      ["config", "set", "retention", "90d"],
      { BLUUM_HOOKS_HOME: home },
      { waits: new Waits() },
    );
    expect([code, stdout]).toEqual([0, "retention = 90d\n"]);
    expect(stderr).toBe(`Waiting for another process that holds ${lock} …\n`);
    expect(existsSync(lock)).toBe(false);
  });

  it("is an error with its path, if it cannot be removed", async () => {
    const { home, config } = machine();
    await config("set", "retention", "80d");
    const lock = join(home, "config.json.lock");
    writeFileSync(lock, "");
    const end = await config("set", "retention", "90d", "--json");
    expect(end).toMatchObject({ code: 1, error: { code: "file_unusable" } });
    expect(end.error?.hint).toContain(lock);
    expect((await config("get", "retention")).stdout).toBe("80d\n");
  });
});
