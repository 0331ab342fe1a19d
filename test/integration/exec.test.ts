import { describe, expect, it } from "vitest";
import type { ChildEnd, Context } from "../../src/context.ts";
import { startApp } from "../support/app.ts";
import { runInProcess, type InProcessEnd } from "../support/in-process.ts";
import { startRecordedApi } from "../support/recorded-api.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs `exec` with the test's own command. */
async function exec(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  command: (variables: Variables) => Promise<ChildEnd | void> = async () => {},
  overrides: Partial<Context> = {},
): Promise<InProcessEnd & { variables: Variables | undefined }> {
  let variables: Variables | undefined;
  const end = await runInProcess(["exec", ...args, "--", "a-command"], env, {
    run: async (_words, given) => {
      variables = given;
      return (await command(given)) ?? { code: 0, signal: null };
    },
    ...overrides,
  });
  return { ...end, variables };
}

describe("the variables of the command", () => {
  it.each(["sandbox", "production"])("are never those of %s: it is refused, and nothing runs", async (name) => {
    const { env } = await startSandbox();
    for (const [args, more] of [
      [["--env", name], {}],
      [[], { BLUUM_ENV: name }],
    ] as const) {
      const { code, error, variables, stdout, stderr } = await exec([...args, "--json"], { ...env, ...more });
      expect([code, error?.code, variables]).toEqual([2, "invalid_usage", undefined]);
      expect(error?.hint).toContain("--env emulator");
      expect(`${stdout}${stderr}`).not.toContain(env["BLUUM_API_SECRET"]);
    }
  });

  it("contain no saved or configured key pair, and no other BLUUM_ variable than an emulator's", async () => {
    const home = { BLUUM_HOOKS_HOME: tempFolder() };
    const keys = "BLUUM_API_KEY=stored-key\nBLUUM_API_SECRET=stored-secret\nNGROK_AUTHTOKEN=2stored_token_0123456789\n";
    const sandbox = await startSandbox();
    for (const name of ["sandbox", "production"]) {
      await runInProcess(["login", "--env", name, "--stdin"], home, {
        readStdin: async () => Buffer.from(keys),
        createApi: async (options) => {
          const { createBluumClient } = await import("../../src/bluum/client.ts");
          const credentials = { apiKey: "emulator_key", apiSecret: "emulator_secret" };
          return createBluumClient({ ...options, baseUrl: sandbox.emulator.baseUrl, credentials });
        },
      });
    }
    const real = {
      BLUUM_API_KEY: "set-key",
      BLUUM_API_SECRET: "set-secret",
      BLUUM_INVESTOR_ID: "inv_real",
      OTHER: "1",
    };
    const { variables = {} } = await exec([], { ...home, ...real });
    expect(variables).toMatchObject({ BLUUM_ENV: "emulator", BLUUM_API_KEY: "emulator_key", OTHER: "1" });
    expect(JSON.stringify(variables)).not.toMatch(/stored|set-key|set-secret|inv_real/);
  });
});

describe("the emulator of the command", () => {
  it("is its own, on its own port, and ends with it", async () => {
    const { stderr, variables = {} } = await exec([], { BLUUM_HOOKS_HOME: tempFolder() }, async (given) => {
      expect((await fetch(new URL("/_emulator/health", given["BLUUM_BASE_URL"]))).status).toBe(200);
    });
    const baseUrl = variables["BLUUM_BASE_URL"] ?? "";
    expect(stderr).toContain(`Emulator: ${baseUrl}, started by this command and stopped with it.\n`);
    expect(baseUrl).not.toContain(":4650/");
    expect(variables["BLUUM_WEBHOOK_SECRET"]).toMatch(/^whsec_/);
    await expect(fetch(baseUrl)).rejects.toThrow();
  });

  it("is the running one at the base URL, and its owner is reported", async () => {
    const home = { BLUUM_HOOKS_HOME: tempFolder() };
    let inner: Awaited<ReturnType<typeof exec>> | undefined;
    const outer = await exec([], home, async ({ BLUUM_BASE_URL = "", BLUUM_ENV = "" }) => {
      inner = await exec([], { ...home, BLUUM_BASE_URL, BLUUM_ENV });
    });
    const baseUrl = outer.variables?.["BLUUM_BASE_URL"];
    expect(inner?.variables?.["BLUUM_BASE_URL"]).toBe(baseUrl);
    expect(inner?.stderr).toBe(
      `Emulator: ${baseUrl}, started by bluum-hooks exec (process ${process.pid}) and stopped with it.\n`,
    );
  });

  it("is not at a server of production's profile", async () => {
    const api = await startRecordedApi();
    await runInProcess(["config", "set", "base-url", api.baseUrl, "--env", "production"], api.env);
    const { code, error, variables } = await exec(["--base-url", api.baseUrl, "--json"], api.env);
    expect([code, error?.code, variables]).toEqual([2, "production_refused", undefined]);
  });
});

describe("exec --forward-to beside a listener of the same emulator", () => {
  it("uses its own webhook, deletes it, and leaves the listener's and the saved one unchanged", async () => {
    const { emulator, env, call } = await startSandbox();
    const home = { BLUUM_HOOKS_HOME: env["BLUUM_HOOKS_HOME"] ?? "" };
    const at = ["--env", "emulator", "--base-url", emulator.baseUrl];
    const stop = new AbortController();
    let said = "";
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const listening = runInProcess(["listen", ...at, "--port", "0"], home, {
      signal: stop.signal,
      stderr: {
        write: (text) => {
          said += text;
          if (said.includes("Ready")) isReady();
        },
        isTTY: false,
        columns: 80,
      },
    });
    await ready;
    const before = await webhooksOf(call);
    const remembered = () => runInProcess(["config", "get", "webhook", ...at], home);
    const { stdout: webhook } = await remembered();
    const app = await startApp();
    const during: unknown[] = [];
    const { code, variables } = await exec(
      ["--forward-to", String(app.port), "--base-url", emulator.baseUrl],
      home,
      async () => {
        during.push(...(await webhooksOf(call)));
      },
    );
    expect([code, during.length]).toEqual([0, 2]);
    expect(during).toEqual(expect.arrayContaining(before));
    expect(variables?.["BLUUM_WEBHOOK_ID"]).not.toBe(before[0]?.id);
    expect(await webhooksOf(call)).toEqual(before);
    expect((await remembered()).stdout).toBe(webhook);
    stop.abort("over");
    await listening;
    expect(said).toContain(`Emulator: ${emulator.baseUrl}, already running`);
  });
});
