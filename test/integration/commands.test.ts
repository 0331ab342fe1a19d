import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/core/signature.ts";
import { startApp } from "../support/app.ts";
import { BIN, runCli } from "../support/cli.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const document = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;

describe("trigger", () => {
  it.each([
    ["the environment production", ["--env", "production"]],
    ["production's base URL", ["--base-url", "https://api.bluumfinance.com/v1"]],
    ["production's older alias", ["--base-url", "https://service.bluumfinance.com/v1"]],
    ["production's older domain", ["--base-url", "https://api.bluum.finance/v1"]],
    ["an alias of production's that is not known yet", ["--base-url", "https://eu.bluumfinance.com/v1"]],
    ["the server that the profile of production names", ["--base-url", "https://proxy.example/v1"]],
    ["it in another spelling", ["--base-url", "https://PROXY.example.:443/v2/"]],
    ["another port of it", ["--base-url", "https://proxy.example:8443/v1"]],
  ])("refuses %s, with any other flags", async (_name, args) => {
    const env = {
      BLUUM_HOOKS_HOME: tempFolder(),
      BLUUM_API_KEY: "k",
      BLUUM_API_SECRET: "a-long-secret",
      BLUUM_INVESTOR_ID: "inv_1",
    };
    await runInProcess(["config", "set", "--env", "production", "base-url", "https://proxy.example/v1"], env);
    for (const what of ["order", "cancel ord_1", "deposit", "withdrawal", "recipe fund-then-buy"]) {
      const words = ["trigger", ...what.split(" "), ...args, "--yes", "--json"];
      const { code, error } = await runInProcess(words, env);
      expect([what, code, error?.code]).toEqual([what, 2, "production_refused"]);
      expect(error?.hint).not.toContain("--env production");
    }
  });

  it("repeats with another idempotency key each time", async () => {
    const { env } = await startSandbox();
    const { code, stdout } = await runInProcess(["trigger", "order", "--repeat", "3", "--rate", "100", "--json"], env);
    expect(code).toBe(0);
    const ids = stdout
      .trim()
      .split("\n")
      .map((line) => document(line)["id"]);
    expect(new Set(ids).size).toBe(3);
  });

  it("ends with 5 when the events do not arrive, and says what to check", async () => {
    const { env } = await startSandbox();
    const { code, error } = await runInProcess(["trigger", "order", "--wait", "--timeout", "0.3s", "--json"], env);
    expect([code, error?.code]).toEqual([5, "timed_out"]);
    expect(error?.hint).toContain("listen");
  });

  it("ends with 1 as soon as an event reports a failure", async () => {
    const { env } = await startSandbox();
    const stop = new AbortController();
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const listening = runInProcess(["listen", "--tunnel", "none", "--port", "0", "--json"], env, {
      signal: stop.signal,
      stdout: { write: (text) => void (text.includes('"ready"') && isReady()), isTTY: false, columns: 80 },
    });
    await ready;
    const { code, error } = await runInProcess(["trigger", "order", "--symbol", "REJECT", "--wait", "--json"], env);
    stop.abort("over");
    await listening;
    expect([code, error?.code]).toEqual([1, "event_failed"]);
  });
});

describe("register", () => {
  it("creates, then changes nothing the second time, then changes what differs", async () => {
    const { env, call } = await startSandbox();
    const register = (...args: string[]) => runInProcess(["register", ...args, "--json"], env);
    expect(document((await register("http://127.0.0.1:9/a")).stdout)).toMatchObject({ action: "created" });
    expect(document((await register("http://127.0.0.1:9/a")).stdout)).toMatchObject({ action: "none" });
    expect(document((await register("http://127.0.0.1:9/b", "--dry-run")).stdout)).toMatchObject({ action: "patched" });
    expect((await webhooksOf(call)).map(({ url }) => url)).toEqual(["http://127.0.0.1:9/a"]);
    expect(document((await register("http://127.0.0.1:9/b")).stdout)).toMatchObject({ action: "patched" });
    expect((await webhooksOf(call)).map(({ url }) => url)).toEqual(["http://127.0.0.1:9/b"]);
  });

  it("warns of an event that does not exist, with the most similar one", async () => {
    const { env } = await startSandbox();
    const { stdout, stderr } = await runInProcess(
      ["register", "http://127.0.0.1:9/a", "--events", "order.filed", "--json"],
      env,
    );
    expect(document(stdout)).toMatchObject({ action: "created" });
    expect(JSON.parse(stderr)).toMatchObject({
      warning: { code: "unknown_event", hint: expect.stringContaining("order.filled") as string },
    });
  });

  it.each([
    ["promote", "https://app.example/hooks", "--skip-checks", "--yes", "--webhook"],
    ["webhooks", "update"],
  ])("and so does %s", async (...command) => {
    const { env, call } = await startSandbox();
    const { id } = (await call("POST", "/webhooks", {
      name: "w",
      url: "http://127.0.0.1:9/a",
      eventTypeNames: ["*"],
    })) as { id: string };
    const lookUp = async () => ({ kind: "found", addresses: ["8.8.8.8"] }) as const;
    const args = [...command, id, "--events", "order.*,transfer.depsit.completed", "--json"];
    const { code, stdout, stderr } = await runInProcess(args, env, { lookUp });
    expect(code).toBe(0);
    expect(document(stdout)).toBeTypeOf("object");
    expect(JSON.parse(stderr)).toMatchObject({
      warning: { code: "unknown_event", hint: expect.stringContaining("transfer.deposit.completed") as string },
    });
  });

  it("and so does listen, before it registers them", async () => {
    const { env } = await startSandbox();
    const args = [
      "--tunnel",
      "none",
      "--port",
      "0",
      "--events",
      "order.*,ordr.*",
      "--trigger",
      "order",
      "--count",
      "1",
    ];
    const { code, stderr } = await runInProcess(["listen", ...args, "--json"], env);
    expect(code).toBe(0);
    expect(JSON.parse(stderr.split("\n")[0] ?? "")).toMatchObject({
      warning: { code: "unknown_event", hint: expect.stringContaining("order.*") as string },
    });
  });

  it("and of a name that another edition has, with the one that the API lists", async () => {
    const { env } = await startSandbox();
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--no-inspect", "--timeout", "0.1s", "--json"];
    const { stderr } = await runInProcess([...listen, "--events", "deposit.completed,kyc.*"], env);
    const warnings = stderr.split("\n").filter((line) => line.includes("unknown_event"));
    expect(warnings).toEqual([expect.stringContaining("Did you mean transfer.deposit.completed?")]);
  });

  it("asks before it takes over a webhook that delivers to another URL", async () => {
    const { env, call } = await startSandbox();
    await call("POST", "/webhooks", { name: "bluum", url: "https://app.example/live", eventTypeNames: ["*"] });
    const { code, error } = await runInProcess(["register", "http://127.0.0.1:9/a", "--name", "bluum", "--json"], env);
    expect([code, error?.code]).toEqual([2, "confirmation_required"]);
    expect((await webhooksOf(call))[0]?.url).toBe("https://app.example/live");
  });
});

describe("listen", () => {
  it.each([
    ["in production", "production_refused", ["--env", "production"], { BLUUM_INVESTOR_ID: "inv_1" }],
    ["for nobody", "invalid_usage", [], {}],
  ])("changes no webhook for an order %s", async (_what, reason, args, owner) => {
    const { emulator, env, call } = await startSandbox();
    const { BLUUM_INVESTOR_ID: _unnamed, ...rest } = env;
    const proxy = await startFaultProxy(emulator.baseUrl);
    const before = { name: "w", url: "http://127.0.0.1:9/a", eventTypeNames: ["*"] };
    const { id } = (await call("POST", "/webhooks", before)) as { id: string };
    const { code, error, stdout } = await runInProcess(
      ["listen", "--tunnel", "none", "--port", "0", "--webhook", id, "--trigger", "order", "--json", "--yes", ...args],
      { ...rest, ...owner, BLUUM_BASE_URL: proxy.baseUrl },
    );
    expect([code, error?.code, stdout]).toEqual([2, reason, ""]);
    expect(proxy.calls).toEqual([]);
  });

  it("subscribes to the requested events, and to no other", async () => {
    const { env, call } = await startSandbox();
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s", "--on-exit", "keep", "--json"];
    await runInProcess([...listen, "--events", "account.*,document.approved"], env);
    expect((await webhooksOf(call))[0]?.eventTypeNames).toEqual(["account.*", "document.approved"]);
  });

  it("restores a registered webhook, whoever registered it", async () => {
    const { env, call } = await startSandbox();
    await runInProcess(["register", "http://127.0.0.1:9/mine", "--events", "order.filled", "--json"], env);
    const before = await webhooksOf(call);
    const { code } = await runInProcess(
      ["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s", "--json"],
      env,
    );
    expect(code).toBe(5);
    expect(await webhooksOf(call)).toEqual(before);
  });

  it("is refused a webhook that another live session holds, and can use it once that has ended", async () => {
    const { env } = await startSandbox();
    const stop = new AbortController();
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--json"];
    const first = runInProcess(listen, env, {
      signal: stop.signal,
      stdout: { write: (text) => void (text.includes('"ready"') && isReady()), isTTY: false, columns: 80 },
    });
    await ready;
    const second = await runInProcess([...listen, "--timeout", "1s"], env);
    expect([second.code, second.error?.code]).toEqual([1, "webhook_held"]);
    stop.abort("over");
    await first;
    const third = await runInProcess([...listen, "--trigger", "order", "--count", "1", "--timeout", "100s"], env);
    expect(third.code).toBe(0);
    expect(third.stdout).toContain('"verdict":"verified"');
  });

  it("says so and creates another if the last used webhook no longer exists", async () => {
    const { env, call } = await startSandbox();
    const run = () =>
      runInProcess(["listen", "--tunnel", "none", "--port", "0", "--trigger", "order", "--count", "1", "--json"], env);
    await run();
    await call("DELETE", `/webhooks/${(await webhooksOf(call))[0]?.id}`);
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toContain('"webhook_gone"');
    expect(await webhooksOf(call)).toHaveLength(1);
  });

  it("does not create another because one list lacks the last used webhook", async () => {
    const { emulator, env, call } = await startSandbox();
    const proxy = await startFaultProxy(emulator.baseUrl);
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "0.1s", "--json"];
    const run = () => runInProcess(listen, { ...env, BLUUM_BASE_URL: proxy.baseUrl });
    await run();
    const body = JSON.stringify({ object: "list", has_more: false, data: [] });
    proxy.rules.push({ method: "GET", path: /./, times: 1, fault: { kind: "answer", status: 200, body } });
    const { stdout } = await run();
    expect(stdout).not.toContain('"webhook_gone"');
    expect(await webhooksOf(call)).toHaveLength(1);
  });

  it("leaves a webhook unchanged if its URL was changed elsewhere", async () => {
    const { env, call } = await startSandbox();
    const { id } = (await call("POST", "/webhooks", {
      name: "w",
      url: "http://127.0.0.1:9/a",
      eventTypeNames: ["*"],
    })) as { id: string };
    const stop = new AbortController();
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    let printed = "";
    const listening = runInProcess(["listen", "--tunnel", "none", "--port", "0", "--webhook", id, "--json"], env, {
      signal: stop.signal,
      stdout: {
        write: (text) => {
          printed += text;
          if (text.includes('"ready"')) isReady();
        },
        isTTY: false,
        columns: 80,
      },
    });
    await ready;
    await call("PATCH", `/webhooks/${id}`, { url: "https://elsewhere.example/hooks" });
    stop.abort("over");
    await listening;
    expect(printed).toContain('"not-ours"');
    expect((await webhooksOf(call))[0]?.url).toBe("https://elsewhere.example/hooks");
  });
});

describe("exec", () => {
  it("passes an emulator's address to the command and ends with its exit code", async () => {
    const script =
      'fetch(process.env.BLUUM_BASE_URL + "/webhooks", { headers: { authorization: "Basic " + btoa(process.env.BLUUM_API_KEY + ":" + process.env.BLUUM_API_SECRET) } }).then((r) => process.exit(r.status - 193))';
    const free = await startSandbox();
    const port = new URL(free.emulator.baseUrl).port;
    await free.emulator[Symbol.asyncDispose]();
    const end = await runCli(
      ["exec", "--base-url", `http://127.0.0.1:${port}/v1`, "--", process.execPath, "-e", script],
      {
        BLUUM_HOOKS_HOME: tempFolder(),
      },
    );
    expect(end.stderr).toBe(`Emulator: http://127.0.0.1:${port}/v1, started by this command and stopped with it.\n`);
    expect(end.code).toBe(7);
  });

  it("makes the command use only the emulator, with any other variables set", async () => {
    const { emulator, env } = await startSandbox();
    const outer = {
      BLUUM_HOOKS_HOME: env["BLUUM_HOOKS_HOME"] ?? "",
      BLUUM_API_BASE_URL: "https://api.bluumfinance.com/v1",
      BLUUM_SECRET_KEY: "of production",
      BLUUM_WEBHOOK_ID: "wh_production",
      BLUUM_WEBHOOK_SECRET: "whsec_production",
      BLUUM_INVESTOR_ID: "inv_production",
    };
    const account = "00000000-0000-4000-8000-000000000001";
    const exec = ["exec", "--base-url", emulator.baseUrl, "--account", account, "--", process.execPath];
    const shown = await runCli([...exec, "-e", "console.log(JSON.stringify(process.env))"], outer);
    expect(JSON.stringify(JSON.parse(shown.stdout))).not.toContain("production");
    expect(JSON.parse(shown.stdout)).toMatchObject({
      BLUUM_API_BASE_URL: emulator.baseUrl,
      BLUUM_SECRET_KEY: "emulator_secret",
      BLUUM_ACCOUNT_ID: account,
    });
    const own = await runCli([...exec, BIN, "trigger", "order", "--dry-run", "--json"], outer);
    expect(JSON.parse(own.stdout)).toMatchObject({
      url: expect.stringContaining(`/accounts/${account}/orders`) as string,
    });
  });

  it("forwards the emulator's events to the app while the command runs, and deletes its webhook after it", async () => {
    const { emulator, env, call } = await startSandbox();
    const app = await startApp();
    const script =
      'const { spawnSync } = require("node:child_process"); const [bin] = process.argv.slice(1); const { status } = spawnSync(process.execPath, [bin, "trigger", "order", "--wait", "--json"], { stdio: "inherit" }); console.log(JSON.stringify({ secret: process.env.BLUUM_WEBHOOK_SECRET, id: process.env.BLUUM_WEBHOOK_ID })); process.exit(status + 5)';
    const { BLUUM_HOOKS_HOME = "" } = env;
    const end = await runCli(
      [
        "exec",
        "--base-url",
        emulator.baseUrl,
        "--forward-to",
        String(app.port),
        "--",
        process.execPath,
        "-e",
        script,
        BIN,
      ],
      { BLUUM_HOOKS_HOME },
    );
    expect(end.stderr).toContain("order.filled");
    expect(end.code).toBe(5);
    expect(app.requests.map(({ name }) => name.split(" ")[0])).toEqual(["order.accepted", "order.filled"]);
    expect(await webhooksOf(call)).toEqual([]);
    const { secret, id } = end.records().at(-1) as unknown as { secret: string; id: string };
    expect(id).toMatch(/^wh_/);
    const [request] = app.requests;
    const headers = (request?.rawHeaders ?? []).flatMap((name, at, all) =>
      at % 2 === 0 ? [[name, all[at + 1] ?? ""] as const] : [],
    );
    const verification = verify({
      headers,
      body: request?.body ?? Buffer.alloc(0),
      secrets: [secret],
      now: Date.now(),
    });
    expect(verification.verdict).toBe("verified");
  });

  it("says so when the command cannot be run", async () => {
    const { env } = await startSandbox();
    const home = { BLUUM_HOOKS_HOME: env["BLUUM_HOOKS_HOME"] ?? "", PATH: process.env["PATH"] ?? "" };
    const file = join(tempFolder(), "not-executable");
    writeFileSync(file, "#!/bin/sh\n");
    for (const [command, expected] of [
      ["no-such-command", [127, "command_not_found"]],
      ["/no/such/command", [127, "command_not_found"]],
      [file, [126, "command_not_executable"]],
      ["/", [126, "command_not_executable"]],
    ] as const) {
      const { code, error } = await runInProcess(["exec", "--json", "--", command], home);
      expect([code, error?.code]).toEqual(expected);
    }
  });
});

it.each([
  [["help", "listen"], "bluum-hooks listen"],
  [["help", "webhooks", "update"], "bluum-hooks webhooks update"],
  [["webhooks", "help", "list"], "bluum-hooks webhooks list"],
  [["help", "trigger", "order", "--json"], "bluum-hooks trigger order"],
  [["help", "trigger", "event", "order.filled"], "bluum-hooks trigger event"],
  [["help"], "bluum-hooks <command> [flags]"],
  [["help", "help"], "bluum-hooks <command> [flags]"],
  [["webhooks", "help"], "bluum-hooks webhooks"],
])("%j is valid, and ends with 0", async (args, usage) => {
  const { code, stdout, stderr } = await runInProcess(args, {});
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`Usage:\n  ${usage}`);
});

it.each([
  [["trigger"], "bluum-hooks trigger"],
  [["--env", "emulator", "webhooks"], "bluum-hooks webhooks"],
  [[], "bluum-hooks"],
])("%j with --json is an error object that names the help, and ends with 2", async (args, group) => {
  const { code, stdout, stderr } = await runInProcess([...args, "--json"], {});
  expect([code, stdout]).toEqual([2, ""]);
  const hint = `List the commands with: ${group} --help`;
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "invalid_usage", message: "<command> is missing", hint } });
});

it.each([
  [["help", "nope"], "nope", "bluum-hooks --help"],
  [["help", "webhooks", "nope"], "webhooks nope", "bluum-hooks webhooks --help"],
  [["webhooks", "help", "nope"], "webhooks nope", "bluum-hooks webhooks --help"],
])("%j names the unknown command, and ends with 2", async (args, words, next) => {
  const { code, stdout, error } = await runInProcess([...args, "--json"], {});
  expect([code, stdout]).toEqual([2, ""]);
  expect(error).toEqual({
    code: "invalid_usage",
    message: `unknown command "${words}"`,
    hint: `List the commands with: ${next}`,
  });
});

it("trigger order prints the kind of order in JSON", async () => {
  const { env } = await startSandbox();
  const { stdout } = await runInProcess(["trigger", "order", "--type", "limit", "--limit-price", "1", "--json"], env);
  expect(JSON.parse(stdout)).toMatchObject({ type: "triggered", resource: "order", order: { type: "limit" } });
});

it.each([
  ["deposit", []],
  ["withdrawal", ["--funding-source", "fs_1"]],
])("trigger %s prints its whole result in JSON under its own name", async (kind, args) => {
  const { env } = await startSandbox();
  const { stdout } = await runInProcess(["trigger", kind, ...args, "--json"], env);
  const { id, status, ...record } = JSON.parse(stdout) as Record<string, unknown>;
  expect(record).toMatchObject({ type: "triggered", resource: kind, [kind]: { id, status } });
});

it.each([
  [["order", "--qty", "abc"], 'invalid --qty "abc": must be a positive decimal'],
  [["order", "--side", "hold"], 'invalid --side "hold": must be buy or sell'],
  [["order", "--type", "limit"], "a limit order requires --limit-price"],
  [["order", "--type", "market", "--limit-price", "3"], "a market order does not accept --limit-price"],
  [["order", "--qty", "1", "--notional", "3"], "an order requires either --qty or --notional"],
  [["order", "--client-order-id", "X", "--repeat", "2"], "--client-order-id cannot be used with --repeat"],
  [["deposit", "--currency", "CHF"], 'invalid --currency "CHF": must be USD, NGN, GBP, EUR or KES'],
  [["withdrawal"], "a withdrawal of the current API requires --funding-source"],
  [["withdrawal", "--method", "card"], 'invalid --method "card"'],
  [["cancel", ".."], 'invalid <order> "..": must be an ID'],
])("trigger %j is refused with a plain message, and says what to do", async (args, message) => {
  const flags = ["--env", "emulator", "--dry-run", "--json"];
  const { code, error } = await runInProcess(["trigger", ...args, ...flags], { BLUUM_HOOKS_HOME: tempFolder() });
  expect([code, error?.code]).toEqual([2, "invalid_usage"]);
  expect(error?.message).toContain(message);
  expect(error?.hint).toMatch(/\w.*(\.| --help)$/);
});

it("trigger --dry-run shows the idempotency key", async () => {
  const args = ["trigger", "order", "--env", "emulator", "--dry-run"];
  const { stdout } = await runInProcess(args, { BLUUM_HOOKS_HOME: tempFolder() });
  expect(stdout).toMatch(/^Idempotency-Key: bh_\w+$/m);
});

it.each([["trigger"], ["webhooks"]])("%s alone shows its help and ends with 2", async (command) => {
  const { code, stderr } = await runInProcess([command], {});
  expect(code).toBe(2);
  expect(stderr).toContain(`Usage:\n  bluum-hooks ${command}`);
});

it("after refused credentials, the login command is for the same target", async () => {
  const { emulator, env } = await startSandbox();
  const place = ["--env", "production", "--base-url", emulator.baseUrl];
  const { error } = await runInProcess(["webhooks", "list", "--json", ...place], { ...env, BLUUM_API_SECRET: "wrong" });
  expect([error?.code, error?.hint]).toEqual([
    "credentials_refused",
    expect.stringContaining(`: bluum-hooks login ${place.join(" ")}`),
  ]);
});

it("a command that needs the emulator says how to start it", async () => {
  const { code, error } = await runInProcess(
    ["webhooks", "list", "--env", "emulator", "--base-url", "http://127.0.0.1:9/v1", "--json"],
    {
      BLUUM_HOOKS_HOME: tempFolder(),
    },
  );
  expect([code, error?.code, error?.hint]).toEqual([1, "api_unreachable", "Start one with: bluum-hooks emulator"]);
});

describe("a session that creates a webhook with the name and URL of another one", () => {
  it.each(["delete", "deactivate"])(
    "deactivates or deletes its own and never the other (--on-exit %s)",
    async (onExit) => {
      const { env, call } = await startSandbox();
      const url = "https://tunnel.example/webhooks/bluum";
      expect((await runInProcess(["register", url, "--json"], env)).code).toBe(0);
      const [registered] = await webhooksOf(call);
      const listen = ["listen", "--new", "--public-url", url, "--no-self-test", "--port", "0", "--on-exit", onExit];
      const { code } = await runInProcess([...listen, "--timeout", "0.2s", "--json"], env);
      expect(code).toBe(5);
      const left = await webhooksOf(call);
      expect(left.find(({ id }) => id === registered?.id)).toEqual(registered);
      expect(left.filter(({ status }) => status === "ACTIVE")).toHaveLength(1);
    },
  );
});

it("a public URL of plain http is warned of in the sandbox, and refused in production", async () => {
  const { env, call } = await startSandbox();
  const listen = [
    "listen",
    "--public-url",
    "http://app.example/",
    "--no-self-test",
    "--port",
    "0",
    "--timeout",
    "0.1s",
  ];
  const sandbox = await runInProcess([...listen, "--json"], env);
  expect(sandbox.code).toBe(5);
  expect(sandbox.stdout).toContain('"code":"insecure_url"');
  const before = await webhooksOf(call);
  const { code, error } = await runInProcess([...listen, "--env", "production", "--yes", "--json"], env);
  expect([code, error?.code]).toEqual([2, "invalid_url"]);
  expect(await webhooksOf(call)).toEqual(before);
});

it("a webhook that cannot be restored does not prevent the others from being restored, and is reported", async () => {
  const { emulator, env, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", {
    name: "w",
    url: "http://127.0.0.1:9/a",
    eventTypeNames: ["*"],
  })) as { id: string };
  const proxy = await startFaultProxy(emulator.baseUrl);
  const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
  const refusal = { kind: "answer", status: 422, body: "{}" } as const;
  proxy.rules.push({ method: "PATCH", path: /./, after: 1, fault: refusal });
  const listen = ["listen", "--tunnel", "none", "--port", "0", "--webhook", id, "--timeout", "0.2s", "--json"];
  const listened = (await runInProcess(listen, throughProxy)).error;
  expect(listened?.code).toBe("restore_pending");
  expect(listened?.hint).toContain(`with: bluum-hooks restore --base-url ${proxy.baseUrl}`);
  const restored = (await runInProcess(["restore", "--json"], throughProxy)).error;
  expect(restored?.code).toBe("restore_pending");
  const byHand = `bluum-hooks webhooks update ${id} --url http://127.0.0.1:9/a --base-url ${proxy.baseUrl}`;
  expect(restored?.hint).toContain(byHand);
  const register = await runInProcess(["register", "http://127.0.0.1:9/b", "--new", "--json"], throughProxy);
  expect(register.code).toBe(0);
  expect(document(register.stdout)).toMatchObject({ action: "created" });
  expect(register.stderr).toContain('{"warning":{"code":"restore_pending"');
  expect(register.stderr).toContain(byHand);
  proxy.rules.length = 0;
  expect((await runInProcess(["restore", "--json"], throughProxy)).code).toBe(0);
  expect((await webhooksOf(call)).find((webhook) => webhook.id === id)?.url).toBe("http://127.0.0.1:9/a");
});

it.each([
  ["register", "http://user:hunter22@app.example/"],
  ["listen", "--public-url", "https://user:hunter22@app.example:99999/"],
  ["listen", "--forward-to", "user:hunter22@localhost:3000"],
])("the password in a URL is not printed: %s %s", async (...args) => {
  const { code, stderr } = await runInProcess([...args, "--debug"], { BLUUM_HOOKS_HOME: tempFolder() });
  expect(code).toBe(2);
  expect(stderr).toContain("@");
  expect(stderr).not.toContain("hunter22");
});
