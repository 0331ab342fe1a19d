import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import type { Context, Question } from "../../src/context.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { AppError, Interrupted } from "../../src/core/errors.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const { apiKey, apiSecret, investorId, accountId } = EMULATOR_ACCESS;
const TOKEN = "2fakeTokenOfNobody_0123456789";

async function machine() {
  const { env } = await startSandbox();
  const { BLUUM_HOOKS_HOME: home = "", BLUUM_BASE_URL: baseUrl = "" } = env;
  const own = { BLUUM_HOOKS_HOME: home, BLUUM_BASE_URL: baseUrl };
  return {
    env: own,
    baseUrl,
    file: join(home, "config.json"),
    stored: () => JSON.parse(readFileSync(join(home, "config.json"), "utf8")) as Record<string, unknown>,
    login: (lines: string, ...args: string[]) =>
      runInProcess(["login", "--stdin", "--json", ...args], own, { readStdin: async () => Buffer.from(lines) }),
    run: (...args: string[]) => runInProcess([...args, "--json"], own),
  };
}

/** A user at a terminal, with an answer to each question. */
function atTerminal(answers: readonly string[]): { asked: Question[]; overrides: Partial<Context> } {
  const asked: Question[] = [];
  return {
    asked,
    overrides: {
      isInteractive: true,
      ask: async (question) => {
        const answer = answers[asked.length];
        asked.push(question);
        if (answer === undefined) throw new Interrupted("SIGINT", 130);
        expect(question.validate?.(answer)).toBeUndefined();
        return answer;
      },
    },
  };
}

const pair = `BLUUM_API_KEY=${apiKey}\nBLUUM_API_SECRET="${apiSecret}"\n`;

describe("login --stdin", () => {
  it("saves a pair that the API accepts, readable by the user only, and prints no secret", async () => {
    const { login, file, stored, baseUrl, run } = await machine();
    const { code, stdout, stderr } = await login(
      `# from .env\nOTHER=1\n${pair}BLUUM_INVESTOR_ID=${investorId}\nNGROK_AUTHTOKEN=${TOKEN}\nNGROK_DOMAIN=https://Mine.ngrok.app/\n`,
      "--debug",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      environment: "sandbox",
      stored: ["API key", "API secret", "investor", "ngrok authtoken", "ngrok domain"],
    });
    for (const secret of [apiSecret, TOKEN, btoa(`${apiKey}:${apiSecret}`)])
      expect(stdout + stderr).not.toContain(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stored()).toStrictEqual({
      environments: {
        sandbox: { apiKey, apiSecret, keyOrigin: new URL(baseUrl).origin, investorId, webhooks: {} },
      },
      ngrok: { authtoken: TOKEN, domain: "mine.ngrok.app" },
    });
    expect((await run("event-types")).code).toBe(0);
    expect((await run("trigger", "order")).code).toBe(0);
  });

  it.each([
    [
      "a pair that the API refuses",
      `BLUUM_API_KEY=${apiKey}\nBLUUM_API_SECRET=wrong-secret-123\n`,
      3,
      "credentials_refused",
    ],
    ["half a pair", `BLUUM_API_KEY=${apiKey}\n`, 2, "invalid_usage"],
    ["nothing that it knows", "FOO=bar\n", 2, "invalid_usage"],
    ["a token with the command around it", `NGROK_AUTHTOKEN="ngrok config add-authtoken ${TOKEN}"`, 2, "invalid_usage"],
    ["a domain that is none", "NGROK_DOMAIN=a/b", 2, "invalid_usage"],
    ["an id that is none", `${pair}BLUUM_INVESTOR_ID=a/b`, 2, "invalid_setting"],
  ])("saves nothing of %s", async (_what, lines, exitCode, errorCode) => {
    const { login, run } = await machine();
    const { code, error, stdout, stderr } = await login(lines);
    expect([code, error?.code]).toStrictEqual([exitCode, errorCode]);
    expect(stdout).toBe("");
    for (const secret of ["wrong-secret-123", TOKEN, apiSecret]) expect(stderr).not.toContain(secret);
    const { settings } = JSON.parse((await run("config", "list")).stdout) as { settings: { isSet: boolean }[] };
    expect(settings.filter(({ isSet }) => isSet)).toStrictEqual([]);
  });

  it("saves nothing when the API cannot be reached", async () => {
    const home = tempFolder();
    const { code, error } = await runInProcess(
      ["login", "--stdin", "--json"],
      { BLUUM_HOOKS_HOME: home, BLUUM_BASE_URL: "http://127.0.0.1:1/v1" },
      {
        readStdin: async () => Buffer.from(pair),
        createApi: async (options) => createBluumClient({ ...options, retryBaseMs: 1 }),
      },
    );
    expect([code, error?.code]).toStrictEqual([1, "api_unreachable"]);
    expect(error?.message).toContain("nothing was saved");
  });

  it("needs no login for the emulator", async () => {
    const { run } = await machine();
    const { code, stdout } = await run("login", "--env", "emulator");
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { stored: [] }]);
  });
});

it("listen uses the saved authtoken and domain, unless a variable or flag overrides them", async () => {
  const { login, env } = await machine();
  await login(`${pair}NGROK_AUTHTOKEN=${TOKEN}\nNGROK_DOMAIN=mine.ngrok.app`);
  const asked: unknown[] = [];
  const openNgrok: Context["openNgrok"] = async ({ authtoken, domain }) => {
    asked.push([authtoken, domain]);
    throw new AppError("tunnel_unavailable", "no tunnel in this test");
  };
  const listen = (more: Record<string, string>, ...args: string[]) =>
    runInProcess(["listen", "--port", "0", "--json", ...args], { ...env, ...more }, { openNgrok });
  expect((await listen({})).code).toBe(4);
  await listen({ NGROK_AUTHTOKEN: "given" }, "--domain", "other.ngrok.app");
  expect(asked).toStrictEqual([
    [TOKEN, "mine.ngrok.app"],
    ["given", "other.ngrok.app"],
  ]);
});

describe("login at a terminal", () => {
  it("asks for secrets hidden, treats a UUID as a legacy account, and keeps values that are not entered", async () => {
    const { env, stored } = await machine();
    const first = atTerminal([apiKey, apiSecret, accountId, TOKEN, "mine.ngrok.app"]);
    expect((await runInProcess(["login"], env, first.overrides)).code).toBe(0);
    expect(first.asked.map(({ isSecret }) => isSecret === true)).toStrictEqual([true, true, false, true, false]);
    const second = atTerminal(["", investorId, "", ""]);
    expect((await runInProcess(["login"], env, second.overrides)).code).toBe(0);
    expect(stored()).toMatchObject({
      environments: { sandbox: { apiKey, apiSecret, investorId } },
      ngrok: { authtoken: TOKEN, domain: "mine.ngrok.app" },
    });
    expect(JSON.stringify(stored())).not.toContain(accountId);
  });

  it("verifies the pair before it asks further, and saves nothing after Ctrl-C", async () => {
    const { env, run } = await machine();
    const wrong = atTerminal([apiKey, "not-the-secret"]);
    const { code, stderr } = await runInProcess(["login"], env, wrong.overrides);
    expect([code, wrong.asked.length]).toStrictEqual([3, 2]);
    expect(stderr).not.toContain("not-the-secret");
    const leaving = atTerminal([apiKey, apiSecret]);
    expect((await runInProcess(["login"], env, leaving.overrides)).code).toBe(130);
    expect((await run("config", "get", "api-key")).code).toBe(1);
  });

  it("asks nothing if the answers could not be saved", async () => {
    const { env } = await machine();
    const file = join(tempFolder(), "file");
    writeFileSync(file, "");
    const home = atTerminal([apiKey, apiSecret]);
    const end = await runInProcess(["login"], { ...env, BLUUM_HOOKS_HOME: join(file, "home") }, home.overrides);
    expect([end.code, home.asked]).toStrictEqual([1, []]);
    expect(end.stderr).toContain("Choose another folder with BLUUM_HOOKS_HOME");
  });

  it("is refused without an interactive terminal", async () => {
    const { env } = await machine();
    const { code, error } = await runInProcess(["login", "--json"], env);
    expect([code, error?.hint]).toStrictEqual([2, expect.stringContaining("--stdin")]);
  });
});

describe("logout", () => {
  it("removes one environment's pair, and ngrok's token with the last one", async () => {
    const { login, run, stored } = await machine();
    await login(`${pair}BLUUM_INVESTOR_ID=${investorId}\nNGROK_AUTHTOKEN=${TOKEN}`);
    await login(pair, "--env", "production");
    const first = JSON.parse((await run("logout")).stdout) as Record<string, unknown>;
    expect(first).toMatchObject({
      removed: ["sandbox: API key", "sandbox: API secret", "sandbox: investor"],
      isNgrokKept: true,
    });
    expect((await run("event-types")).error?.code).toBe("credentials_missing");
    const second = JSON.parse((await run("logout", "--env", "production")).stdout) as Record<string, unknown>;
    expect(second).toMatchObject({
      removed: expect.arrayContaining(["ngrok authtoken"]) as unknown,
      isNgrokKept: false,
    });
    expect(JSON.stringify(stored())).not.toContain(TOKEN);
    expect(JSON.parse((await run("logout")).stdout)).toMatchObject({ removed: [] });
  });

  it("keeps the secrets of webhooks, which cannot be recovered, unless they are to be deleted", async () => {
    const { login, run, stored } = await machine();
    await login(pair);
    await run("register", "http://127.0.0.1:9/hooks");
    expect(JSON.parse((await run("logout")).stdout)).toMatchObject({ secretsKept: 1 });
    expect(JSON.stringify(stored())).toContain("whsec_");
    await run("logout", "--all", "--webhooks");
    expect(JSON.stringify(stored())).not.toContain("whsec_");
  });
});
