import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { BIN } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { startSession } from "../support/session.ts";
import { tempFolder } from "../support/temp.ts";

/** A project with this file, and a home of its own. */
function project(content: unknown) {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "bluum-hooks.json"), typeof content === "string" ? content : JSON.stringify(content));
  return { cwd, file: join(cwd, "bluum-hooks.json"), env: { BLUUM_HOOKS_HOME: tempFolder() } };
}

describe("the environment of a command in a project", () => {
  it("is that of the flag, otherwise the variable, the project, the saved setting, and sandbox", async () => {
    const { cwd, env } = project({ env: "emulator" });
    const elsewhere = tempFolder();
    const environment = async (args: readonly string[], more: Record<string, string>, folder = cwd) => {
      const { stdout } = await runInProcess(
        ["config", "list", "--json", ...args],
        { ...env, ...more },
        { cwd: folder },
      );
      return (JSON.parse(stdout) as { environment: string }).environment;
    };
    expect(await environment([], {}, elsewhere)).toBe("sandbox");
    await runInProcess(["config", "set", "env", "sandbox"], env, { cwd: elsewhere });
    expect(await environment([], {}, elsewhere)).toBe("sandbox");
    expect(await environment([], {})).toBe("emulator");
    expect(await environment([], { BLUUM_ENV: "production" })).toBe("production");
    expect(await environment(["--env", "sandbox"], { BLUUM_ENV: "production" })).toBe("sandbox");
  });

  it("cannot be production", async () => {
    const { cwd, file, env } = project({ env: "production" });
    const { code, error } = await runInProcess(["events", "list", "--json"], env, { cwd });
    expect([code, error?.code, error?.hint]).toEqual([2, "invalid_setting", `Correct ${file}`]);
    expect(error?.message).toContain("env");
  });
});

describe("listen in a project", () => {
  it("uses its path, events and app", async () => {
    const app = await startApp();
    const { env } = await startSandbox();
    const { cwd } = project({ path: "/hooks", events: ["order.filled"], forwardTo: app.port });
    const session = await startSession(["--tunnel", "none", "--trigger", "order"], env, { cwd });
    const { url } = await session.record("forward", ({ status }) => status === 200);
    expect(url).toBe(`http://localhost:${app.port}/hooks`);
    expect(app.requests.map(({ name }) => name.split(" ")[0])).toEqual(["order.filled"]);
  });

  it("uses the flags instead", async () => {
    const app = await startApp();
    const { cwd, env } = project({ path: "/hooks", forwardTo: 9, events: "none.*" });
    const flags = ["--path", "/other", "--forward-to", String(app.port)];
    const listener = await startSession(["--no-register", ...flags], env, { cwd });
    const { localUrl } = await listener.record("ready");
    expect(new URL(String(localUrl)).pathname).toBe("/other");
    await fetch(String(localUrl), { method: "POST", body: "{}" });
    expect(app.requests.map(({ path }) => path)).toEqual(["/other"]);
  });

  it("forwards nothing with --no-forward-to", async () => {
    const { cwd, env } = project({ forwardTo: 9 });
    const listener = await startSession(["--no-register", "--no-forward-to"], env, { cwd });
    const { localUrl } = await listener.record("ready");
    expect((await fetch(String(localUrl), { method: "POST", body: "{}" })).status).toBe(200);
  });

  it.each([
    [{ path: "hooks" }, 'invalid path in bluum-hooks.json "hooks": must be a path such as /webhooks'],
    [{ port: 70_000 }, 'invalid port in bluum-hooks.json "70000": must be a port from 0 to 65535'],
    [{ events: [] }, 'invalid events in bluum-hooks.json "": must have at least one name'],
    [{ forwardTo: "https://app.example" }, /must be a port or a URL on this machine/],
  ])("refuses %j and names the file", async (content, message) => {
    const { cwd, file, env } = project(content);
    const { code, error } = await runInProcess(["listen", "--no-register", "--json"], env, { cwd });
    expect([code, error?.code, error?.hint]).toEqual([2, "invalid_setting", `Correct ${file}`]);
    expect(error?.message).toMatch(message);
  });
});

describe("a project file that is no small regular file", () => {
  it.each([
    ["a pipe", "not a regular file", (file: string) => execFileSync("sh", ["-c", 'mkfifo "$0"', file])],
    ["a folder", "not a regular file", (file: string) => mkdirSync(file)],
    ["a link to a device", "not a regular file", (file: string) => symlinkSync("/dev/null", file)],
    ["a long file", "larger than 64 KB", (file: string) => writeFileSync(file, `{}${" ".repeat(64 * 1024)}`)],
    [
      "a deep file",
      "nested too deeply",
      (file: string) => writeFileSync(file, `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
    ],
    ["a deep file that is no JSON", "it is not JSON", (file: string) => writeFileSync(file, "[".repeat(60_000))],
  ])("is refused: %s", (_what, why, make) => {
    const cwd = tempFolder();
    const file = join(cwd, "bluum-hooks.json");
    make(file);
    // In a process of its own, which can be ended if it hangs.
    const { status, stderr } = spawnSync(process.execPath, [BIN, "events", "list", "--json"], {
      cwd,
      env: { ...process.env, BLUUM_HOOKS_HOME: tempFolder() },
      encoding: "utf8",
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    expect([status, JSON.parse(stderr)]).toMatchObject([
      2,
      { error: { code: "invalid_setting", message: expect.stringContaining(why) as string, hint: `Correct ${file}` } },
    ]);
  });

  it("may have 64 KB", async () => {
    const { cwd, env } = project(`{"path":"/hooks"}`.padEnd(64 * 1024));
    expect((await runInProcess(["config", "list"], env, { cwd })).stdout).toMatch(/^path +\/hooks/m);
  });
});

/** Paths that lead to another server if they are resolved as references to it. */
const LEADING_AWAY = ["//HOST/x", "/\\\\HOST/x", "/\\HOST/x", "/.//HOST/x", "/a/..//HOST/x"];

describe.each(LEADING_AWAY)("the path %s of a project", (form) => {
  it("leads nothing to another server", async () => {
    const [app, other] = [await startApp(), await startApp()];
    const path = form.replace("HOST", `127.0.0.1:${other.port}`);
    const { cwd, file, env } = project({ path, forwardTo: app.port });
    const signing = { ...env, BLUUM_WEBHOOK_SECRET: "whsec_YSBzaXh0aCBzZWNyZXQ=" };
    const to = String(app.port);
    const listener = await startSession(["--no-register"], signing, { cwd: tempFolder() });
    const { localUrl } = await listener.record("ready");
    await fetch(String(localUrl), { method: "POST", body: '{"event":"order.filled"}' });
    await listener.stop();
    const commands = [
      ["trigger", "event", "order.filled", "--to", to],
      ["events", "replay", "last", "--to", to],
      ["check", to, "--only", "events.unknown-name"],
      ["check", "--only", "events.unknown-name"],
      ["listen", "--no-register"],
      ["exec", "--", "node", "--version"],
    ];
    for (const command of commands) {
      const { code, error } = await runInProcess(["--json", ...command], signing, { cwd });
      expect([command, code, error?.code, error?.hint]).toEqual([command, 2, "invalid_setting", `Correct ${file}`]);
    }
    expect(other.requests).toEqual([]);
  });

  it("is refused as a flag too", async () => {
    const other = await startApp();
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const path = form.replace("HOST", `127.0.0.1:${other.port}`);
    for (const command of [["listen", "--no-register"], ["exec"], ["init", "--yes"]]) {
      const more = command[0] === "exec" ? ["--", "node", "--version"] : [];
      const args = [...command, "--json", "--path", path, ...more];
      const { code, error } = await runInProcess(args, env, { cwd: tempFolder() });
      expect([command, code, error?.code]).toEqual([command, 2, "invalid_usage"]);
      expect(error?.message).toContain("must be a path such as /webhooks");
    }
    expect(other.requests).toEqual([]);
  });
});

describe("other commands in a project", () => {
  it("check, trigger event and replay use its path with a port, and check its app", async () => {
    const app = await startApp();
    const { cwd, env } = project({ path: "/hooks", forwardTo: app.port });
    const signing = { ...env, BLUUM_WEBHOOK_SECRET: "whsec_YSBzaXh0aCBzZWNyZXQ=" };
    const run = (...args: string[]) => runInProcess(args, signing, { cwd });
    await run("trigger", "event", "order.filled", "--to", String(app.port));
    const { stdout } = await run("check", "--only", "events.unknown-name", "--json");
    expect((JSON.parse(stdout) as { url: string }).url).toBe(`http://localhost:${app.port}/hooks`);
    await run("check", String(app.port), "--only", "events.unknown-name");
    expect(app.requests.length).toBeGreaterThan(2);
    expect(new Set(app.requests.map(({ path }) => path))).toEqual(new Set(["/hooks"]));
  });

  it("exec forwards to its app", async () => {
    const app = await startApp();
    const { cwd, env } = project({ forwardTo: app.port });
    const order = [
      "node",
      "-e",
      "fetch(process.env.BLUUM_BASE_URL + '/webhooks').then((r) => process.exit(r.ok ? 1 : 7))",
    ];
    const { code, stderr } = await runInProcess(
      ["exec", "--", ...order],
      { ...env, PATH: process.env["PATH"] ?? "" },
      { cwd },
    );
    expect(code).toBe(7);
    expect(stderr).toContain(`http://localhost:${app.port}/webhooks/bluum`);
  });

  it("register uses its events", async () => {
    const { env } = await startSandbox();
    const { cwd } = project({ events: ["document.*"] });
    const { stdout } = await runInProcess(["register", "http://127.0.0.1:9/hooks", "--json"], env, { cwd });
    expect((JSON.parse(stdout) as { after: unknown }).after).toMatchObject({ events: ["document.*"] });
  });

  it("config and doctor show what comes from it", async () => {
    const { cwd, file, env } = project({ env: "emulator", path: "/hooks" });
    const list = await runInProcess(["config", "list"], env, { cwd });
    expect(list.stdout).toMatch(/^env .*overridden by bluum-hooks\.json/m);
    expect(list.stdout).toMatch(/^path +\/hooks +from bluum-hooks\.json/m);
    const { stdout } = await runInProcess(["doctor"], env, { cwd });
    expect(stdout).toContain(`${file}: env emulator, path /hooks`);
    expect(stdout).toContain("the environment is from bluum-hooks.json");
  });

  it("doctor reports an invalid one, demo and config work without it", async () => {
    const { cwd, file, env } = project("{");
    const doctor = await runInProcess(["doctor", "--env", "emulator"], env, { cwd });
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining(`Correct ${file}`)]);
    expect((await runInProcess(["demo"], env, { cwd })).code).toBe(0);
    expect((await runInProcess(["config", "get", "env"], env, { cwd })).code).toBe(1);
  });
});
