import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import type { Context } from "../../src/context.ts";
import type { ProbeAnswer } from "../../src/platform/probe.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { diagnose, type Diagnosis } from "../../src/features/doctor/diagnose.ts";
import { openDiagnostics } from "../../src/features/doctor/diagnostic-context.ts";
import { checkStore } from "../../src/features/doctor/store-checks.ts";
import { openStore } from "../../src/store/store.ts";
import { createContext } from "../../src/wiring.ts";
import { deployed } from "../support/deployed.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

interface Report {
  readonly isHealthy: boolean;
  readonly problems: number;
  readonly warnings: number;
  readonly findings: readonly Diagnosis[];
}

async function doctor(env: Readonly<Record<string, string>>, overrides: Partial<Context> = {}, ...args: string[]) {
  const { code, stdout } = await runInProcess(["doctor", "--json", ...args], env, overrides);
  const report = JSON.parse(stdout) as Report;
  return { code, report, of: (check: string) => report.findings.filter((finding) => finding.check === check) };
}

/** Every host except this machine gives this response. */
function elsewhere(answer: ProbeAnswer, asked: string[] = []): Partial<Context> {
  return {
    probe: async (url, signal) => {
      if (url.hostname === "127.0.0.1") return (await import("../../src/platform/probe.ts")).probe(url, signal);
      asked.push(url.href);
      return answer;
    },
  };
}

const offline = { kind: "answered", status: 404, headers: { "ngrok-error-code": "ERR_NGROK_3200" } } as const;

describe("doctor", () => {
  it("reports a config that was open to others, which it has made private, and not the next time", async () => {
    const { env } = await startSandbox();
    const path = join(env["BLUUM_HOOKS_HOME"] ?? "", "config.json");
    const change = "its mode was 0644, and doctor has set it to 0600";
    writeFileSync(path, "{}");
    chmodSync(path, 0o644);
    expect((await doctor(env)).of("config")).toMatchObject([
      { level: "ok", message: `only you can read ${path}: ${change}` },
    ]);
    expect((await doctor(env)).of("config")).toMatchObject([{ level: "ok", message: `only you can read ${path}` }]);
    chmodSync(path, 0o644);
    chmodSync(join(path, ".."), 0o755);
    expect((await doctor(env)).of("config").map(({ level, message }) => [level, message])).toContainEqual([
      "warning",
      `other users could read ${path}: ${change}`,
    ]);
  });

  it("does not call a config private that does not exist", async () => {
    const { env } = await startSandbox();
    const path = join(env["BLUUM_HOOKS_HOME"] ?? "", "config.json");
    expect((await doctor(env)).of("config")).toMatchObject([
      { level: "ok", message: `none yet: ${path} does not exist, so nothing is stored` },
    ]);
    expect(existsSync(path)).toBe(false);
  });

  it("finds no problem on a configured machine", async () => {
    const { env } = await startSandbox();
    const { code, report, of } = await doctor({ ...env, NGROK_AUTHTOKEN: "2fakeTokenOfNobody_0123456789" });
    expect([code, report.isHealthy, report.problems]).toStrictEqual([0, true, 0]);
    expect(of("api")).toMatchObject([{ level: "ok" }]);
    expect(of("credentials")).toMatchObject([
      { level: "ok", message: expect.stringContaining("BLUUM_API_KEY") as string },
    ]);
    expect(of("store")).toMatchObject([{ level: "ok", message: expect.stringContaining("none yet") as string }]);
    expect(JSON.stringify(report)).not.toContain(env["BLUUM_API_SECRET"]);
  });

  it("on a new machine reports what is missing and the command for it, and fails", async () => {
    const down = elsewhere({ kind: "failed", reason: "its name does not resolve" });
    const { code, of } = await doctor({ BLUUM_HOOKS_HOME: tempFolder() }, down);
    expect(code).toBe(1);
    expect(of("api")).toMatchObject([
      { level: "problem", message: expect.stringContaining("does not resolve") as string },
    ]);
    expect(of("credentials")).toMatchObject([{ level: "problem", remedy: expect.stringContaining("login") as string }]);
    expect(of("webhooks")).toMatchObject([{ level: "warning", message: "not checked, because of credentials" }]);
    expect(of("store")).toMatchObject([{ level: "ok" }]);
  });

  it("distinguishes refused credentials from an unreachable API", async () => {
    const { env } = await startSandbox();
    const wrong = await doctor({ ...env, BLUUM_API_SECRET: "not-the-secret" });
    expect(wrong.of("credentials")).toMatchObject([
      { level: "problem", message: expect.stringContaining("401") as string },
    ]);
    expect(wrong.of("api")).toMatchObject([{ level: "ok" }]);
    const gone = await doctor({ ...env, BLUUM_BASE_URL: "http://127.0.0.1:1/v1" });
    expect(gone.of("api")).toMatchObject([{ level: "problem" }]);
    expect(gone.of("credentials")).toMatchObject([{ level: "warning", message: "not checked, because of api" }]);
  });

  it.each([
    [2_000, "ok"],
    [60_000, "warning"],
    [-6 * 60_000, "problem"],
  ])("with a clock that is %d ms off: %s", async (offMs, level) => {
    const { env } = await startSandbox();
    const { of } = await doctor(env, { clock: { ...systemClock, now: () => Date.now() + offMs } });
    expect(of("api")).toMatchObject([{ level }]);
  });

  it("finds webhooks at closed tunnels, with the command that fixes each, and requests only the root of their hosts", async () => {
    const { env, emulator, call } = await startSandbox();
    const at = `--base-url ${emulator.baseUrl}`;
    const asked: string[] = [];
    const create = (name: string, url: string) =>
      call("POST", "/webhooks", { name, url, eventTypeNames: ["order.*"] }) as Promise<{ id: string }>;
    const dead = await create("dead", "https://gone.ngrok-free.app/webhooks/bluum?x=1");
    const asleep = await create("asleep", "https://other.ngrok-free.app/");
    await call("PATCH", `/webhooks/${asleep.id}`, { status: "INACTIVE" });
    const { code, of } = await doctor(env, elsewhere(offline, asked));
    expect(code).toBe(1);
    expect(of("webhooks")).toMatchObject([
      { level: "problem", webhookId: dead.id, remedy: `bluum-hooks webhooks disable ${dead.id} ${at}` },
      { level: "warning", webhookId: asleep.id, remedy: `bluum-hooks webhooks delete ${asleep.id} ${at}` },
    ]);
    expect(asked.toSorted()).toStrictEqual(["https://gone.ngrok-free.app/", "https://other.ngrok-free.app/"]);
    const [mend] = of("webhooks").map(({ remedy }) => remedy?.split(" ").slice(1) ?? []);
    const { BLUUM_BASE_URL: _here, ...elsewhereByDefault } = env;
    expect((await runInProcess(mend ?? [], elsewhereByDefault)).code).toBe(0);
    expect((await doctor(env, elsewhere(offline))).of("webhooks").map(({ level }) => level)).not.toContain("problem");
  });

  it("distinguishes a webhook that a rollback has deactivated from one that is inactive until the next session", async () => {
    const { env, emulator } = await startSandbox();
    const session = ["listen", "--tunnel", "none", "--port", "0", "--trigger", "order", "--count", "1", "--json"];
    expect((await runInProcess(session, env)).code).toBe(0);
    const promote = (...args: string[]) => runInProcess(["promote", ...args, "--yes", "--json"], env, deployed());
    const { stdout } = await promote("https://app.example/webhooks/bluum", "--new", "--name", "app");
    const { webhookId } = JSON.parse(stdout) as { webhookId: string };
    expect((await promote("--rollback")).code).toBe(0);
    const { of } = await doctor(env, elsewhere({ kind: "answered", status: 200, headers: {} }));
    expect(of("webhooks")).toMatchObject([
      { level: "ok", message: "1 of 2 are fine" },
      {
        level: "warning",
        webhookId,
        remedy: `bluum-hooks webhooks enable ${webhookId} --base-url ${emulator.baseUrl}`,
      },
    ]);
  });

  it("does not report a webhook as reachable that only this network can reach, nor two spellings of one URL as two", async () => {
    const { env, emulator, call } = await startSandbox();
    const create = (name: string, url: string) =>
      call("POST", "/webhooks", { name, url, eventTypeNames: ["order.*"] }) as Promise<{ id: string }>;
    const inside = await create("inside", "http://192.168.1.5/hooks");
    const back = await create("back", "http://app.lvh.me:3000/hooks");
    await create("first", "https://app.example/hooks");
    const second = await create("second", "https://APP.example:443/hooks");
    const { BLUUM_BASE_URL: _here, ...remote } = env;
    const { code, of } = await doctor(remote, {
      ...elsewhere({ kind: "answered", status: 200, headers: {} }),
      createApi: async (options) => createBluumClient({ ...options, baseUrl: emulator.baseUrl }),
    });
    expect(code).toBe(1);
    expect(of("webhooks")).toMatchObject([
      { level: "ok" },
      {
        level: "problem",
        webhookId: inside.id,
        message: expect.stringContaining("in a private network") as string,
        remedy: `bluum-hooks webhooks disable ${inside.id}`,
      },
      {
        level: "problem",
        webhookId: back.id,
        message: expect.stringContaining("not yours") as string,
        remedy: `bluum-hooks webhooks disable ${back.id}`,
      },
      { level: "warning", webhookId: second.id, message: expect.stringContaining("has the same URL as") as string },
    ]);
  });

  it("ignores the webhook of a live session, and suggests restore for one that a dead session left", async () => {
    const { env, emulator } = await startSandbox();
    const stop = new AbortController();
    let isReady: (webhookId: string) => void = () => {};
    const ready = new Promise<string>((resolve) => (isReady = resolve));
    const listening = runInProcess(["listen", "--tunnel", "none", "--port", "0", "--json"], env, {
      signal: stop.signal,
      stdout: {
        write: (text) => {
          const id = /"type":"ready".*"webhookId":"(\w+)"/.exec(text)?.[1];
          if (id !== undefined) isReady(id);
        },
        isTTY: false,
        columns: 80,
      },
    });
    const webhookId = await ready;
    const live = await doctor(env);
    expect(live.of("webhooks")).toMatchObject([{ level: "ok" }]);
    expect(live.of("restores")).toMatchObject([
      { level: "ok", message: expect.stringContaining("1 webhook") as string },
    ]);
    stop.abort("over");
    await listening;
    {
      await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
      const state = { name: null, url: "http://127.0.0.1:1/", events: ["*"], status: "ACTIVE", description: null };
      const place = { environment: "sandbox", baseUrl: emulator.baseUrl, webhookId };
      await store.changes.plan({ kind: "session", ...place, before: state, after: state, onExit: "restore" });
    }
    const left = await doctor(env);
    expect(left.of("restores")).toMatchObject([
      { level: "problem", webhookId, remedy: `bluum-hooks restore --base-url ${emulator.baseUrl}` },
    ]);
  });

  it("reports each failed part, and continues with the others", async () => {
    const home = tempFolder();
    writeFileSync(join(home, "store.db"), "no database at all".repeat(100));
    writeFileSync(join(home, "config.json"), "{ half", { mode: 0o600 });
    chmodSync(home, 0o777);
    const { code, of } = await doctor({ BLUUM_HOOKS_HOME: home, BLUUM_BASE_URL: "ftp://nowhere" });
    expect(code).toBe(1);
    expect(of("store")).toMatchObject([{ level: "problem", message: expect.stringContaining("damaged") as string }]);
    expect(of("settings")).toMatchObject([
      { level: "problem", message: expect.stringContaining("base URL") as string },
    ]);
    expect(of("config")).toMatchObject([
      { level: "problem", remedy: `chmod 700 '${home}'` },
      { level: "warning", message: expect.stringContaining("config.json.damaged-") as string },
    ]);
    expect(of("node")).toMatchObject([{ level: "ok" }]);
    expect(of("restores")).toMatchObject([{ message: "not checked, because of store" }]);
  });

  it("warns of a folder that others can read", async () => {
    const home = tempFolder();
    chmodSync(home, 0o755);
    const { of } = await doctor(
      { BLUUM_HOOKS_HOME: home },
      {},
      "--env",
      "emulator",
      "--base-url",
      "http://127.0.0.1:1/v1",
    );
    expect(of("config")).toMatchObject([{ level: "warning", remedy: `chmod 700 '${home}'` }]);
  });

  it("needs neither login nor ngrok for the emulator, and no running one", async () => {
    const { code, of } = await doctor(
      { BLUUM_HOOKS_HOME: tempFolder() },
      {},
      "--env",
      "emulator",
      "--base-url",
      "http://127.0.0.1:1/v1",
    );
    expect(code).toBe(0);
    for (const check of ["api", "credentials", "webhooks"]) expect(of(check)).toMatchObject([{ level: "ok" }]);
  });

  it("reports an old Node.js, and the oldest supported one", async () => {
    const { of } = await doctor({ BLUUM_HOOKS_HOME: tempFolder() }, { nodeVersion: "20.18.3" }, "--env", "emulator");
    expect(of("node")).toMatchObject([{ level: "problem", remedy: "Install Node.js 20.19 or later." }]);
  });

  it("prints marks and remedies for the user", async () => {
    const { env } = await startSandbox();
    const { stdout, stderr } = await runInProcess(["doctor"], { ...env, BLUUM_API_SECRET: "not-the-secret" });
    expect(stdout).toMatch(/^✓ node +Node\.js/m);
    expect(stdout).toMatch(/^✗ credentials .*\n +next: /m);
    expect(stderr).toContain("1 problem");
  });
});

it("messages of doctor fit a terminal's width, and its commands stay in one piece", async () => {
  const { env, call } = await startSandbox();
  const url = "https://gone.ngrok-free.app/a/rather/long/path/of/an/endpoint";
  await call("POST", "/webhooks", { name: "one with a rather long name", url, eventTypeNames: ["order.*"] });
  let shown = "";
  const stdout = { write: (text: string) => void (shown += text), isTTY: true, columns: 60 };
  await runInProcess(["doctor"], env, { ...elsewhere(offline), stdout });
  const lines = stripVTControlCharacters(shown).split("\n");
  const long = lines.filter((line) => line.length > 60 && !/^ +(next: )?bluum-hooks /.test(line));
  expect(long).toEqual([]);
  expect(lines.join("\n")).toMatch(/next: bluum-hooks webhooks disable wh_\w+ --base-url \S+\n/);
});

it("a check that throws, or never ends, is a finding, and the others continue", async () => {
  const context = createContext({
    process,
    version: "0",
    signal: new AbortController().signal,
    onForcedExit: () => {},
  });
  const impatient = { ...context, clock: { now: () => 0, sleep: async () => {} } };
  const folder = tempFolder();
  await using diagnostics = openDiagnostics({
    context: impatient,
    flags: {},
    env: {},
    environmentSource: undefined,
    folder,
    openConfig: () => context.openConfig(folder),
  });
  const findings = await diagnose(diagnostics, [
    { name: "throws", run: () => Promise.reject(new TypeError("oh")) },
    { name: "hangs", run: () => new Promise(() => {}) },
  ]);
  expect(findings).toMatchObject([
    { check: "throws", level: "problem", message: "oh" },
    { check: "hangs", level: "problem", message: "timed out after 20 s" },
  ]);
});

it("a store too large to be checked is a warning, and its other data is reported", async () => {
  const context = createContext({
    process,
    version: "0",
    signal: new AbortController().signal,
    onForcedExit: () => {},
  });
  const folder = tempFolder();
  await (await openStore({ folder }))[Symbol.asyncDispose]();
  await using diagnostics = openDiagnostics({
    context,
    flags: {},
    env: {},
    environmentSource: undefined,
    folder,
    openConfig: () => context.openConfig(folder),
  });
  const integrityOf = async () => ({ kind: "unchecked", reason: "the store is too large for 10 s" }) as const;
  expect(await checkStore({ ...diagnostics, integrityOf })).toMatchObject([
    { level: "ok", message: expect.stringMatching(/^0 deliveries, /) as string },
    { level: "warning", message: "not checked for damage: the store is too large for 10 s" },
  ]);
});
