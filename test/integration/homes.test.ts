import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";
import { CAN_UNSHARE, NAMELESS_USER, readOnlyMount } from "../support/unshare.ts";

const SECRET = { BLUUM_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };

function payload(): string {
  const file = join(tempFolder(), "body.json");
  writeFileSync(file, '{"event":"order.filled"}');
  return file;
}

/** In this current folder. */
const inside = (folder: string) => ["sh", "-c", 'cd "$0" && exec "$@"', folder];

describe.skipIf(!CAN_UNSHARE)("a user without a home (needs unshare of Linux)", () => {
  // homes.slow.test.ts has a command of each kind.
  it.each([[["sign"]], [["events", "list"]], [["listen", "--env", "emulator"]]])(
    "gets a hint to BLUUM_HOOKS_HOME with %j",
    async (args) => {
      const end = await runCli(["--json", ...args], SECRET, NAMELESS_USER);
      expect([end.code, end.error().code]).toEqual([2, "invalid_setting"]);
      expect(end.error().hint).toContain("BLUUM_HOOKS_HOME");
    },
  );

  it("does not need one if BLUUM_HOOKS_HOME is set", async () => {
    const env = { ...SECRET, BLUUM_HOOKS_HOME: join(tempFolder(), "new") };
    const run = async (...args: string[]) => (await runCli(args, env, NAMELESS_USER)).code;
    expect(await run("config", "set", "env", "emulator")).toBe(0);
    expect(await run("exec", "--", "true")).toBe(0);
  });

  it("can read if the home folder cannot be written, and creates nothing", async () => {
    const home = tempFolder();
    mkdirSync(join(home, "own"), { mode: 0o500 });
    const env = { ...SECRET, HOME: join(home, "own") };
    expect((await runCli(["sign", payload()], env, NAMELESS_USER)).code).toBe(0);
    const refused = await runCli(["config", "set", "env", "emulator", "--json"], env, NAMELESS_USER);
    expect([refused.code, refused.error().code]).toEqual([1, "file_unusable"]);
    expect(refused.error().hint).toContain("BLUUM_HOOKS_HOME");
    expect(readdirSync(join(home, "own"))).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("HOME", () => {
  it.each(["", "work"])("is refused if it would resolve to the current folder: %j", async (home) => {
    const folder = tempFolder();
    const end = await runCli(["events", "list", "--json"], { HOME: home }, inside(folder));
    expect([end.code, end.error().code]).toEqual([2, "invalid_setting"]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("may name a folder that does not exist: nothing is stored or created", async () => {
    const home = join(tempFolder(), "none");
    const end = await runCli(["sign", payload()], { ...SECRET, HOME: home });
    expect(end.code).toBe(0);
    expect(existsSync(home)).toBe(false);
  });
});

describe.skipIf(!CAN_UNSHARE)("a config that cannot be written (needs unshare of Linux)", () => {
  const damaged = '{"environments": {"sandbox": {"apiSecret": "s3cret"';

  it.each([
    ["on a read-only mount", 0o700, (folder: string) => readOnlyMount(folder)],
    ["in a folder without the right to write", 0o500, () => NAMELESS_USER],
  ])("is ignored if it is damaged %s: reported, and left unchanged", async (_where, mode, through) => {
    const folder = tempFolder();
    const path = join(folder, "config.json");
    writeFileSync(path, damaged, { mode: 0o644 });
    // Left by a killed process: no command may wait for it.
    mkdirSync(`${path}.lock`);
    chmodSync(folder, mode);
    const env = { ...SECRET, BLUUM_HOOKS_HOME: folder };
    const end = await runCli(["sign", payload(), "--json"], env, through(folder));
    expect(end.code).toBe(0);
    const { warning } = JSON.parse(end.stderr) as { warning: { code: string; message: string } };
    expect(warning).toMatchObject({ code: "config_damaged", message: expect.stringContaining(path) as string });
    const refused = await runCli(["config", "set", "env", "emulator", "--json"], env, through(folder));
    expect([refused.code, readFileSync(path, "utf8")]).toEqual([1, damaged]);
    expect(end.stderr + refused.stderr).not.toContain("s3cret");
  });

  it("is read if others can open it", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "config.json"), '{"env": "emulator"}', { mode: 0o644 });
    const end = await runCli(["config", "get", "env"], { BLUUM_HOOKS_HOME: folder }, readOnlyMount(folder));
    expect([end.code, end.stdout, end.stderr]).toEqual([0, "emulator\n", ""]);
  });
});

describe("BLUUM_HOOKS_HOME", () => {
  it("must be a folder: for a file, the error says so", async () => {
    const file = payload();
    for (const args of [
      ["events", "list"],
      ["config", "set", "env", "emulator"],
      ["sign", file],
    ]) {
      const end = await runInProcess([...args, "--json"], { ...SECRET, BLUUM_HOOKS_HOME: file });
      expect([end.code, end.error?.code]).toEqual([1, "file_unusable"]);
      expect(end.error?.hint).toContain("BLUUM_HOOKS_HOME");
    }
  });

  it.skipIf(process.platform === "win32")("is resolved against the current folder if it is relative", async () => {
    const folder = tempFolder();
    const env = { BLUUM_HOOKS_HOME: "own" };
    await runCli(["config", "set", "env", "emulator"], env, inside(folder));
    expect(readdirSync(join(folder, "own"))).toEqual(["config.json"]);
  });

  it.skipIf(process.platform === "win32")("must be absolute if the current folder was deleted", async () => {
    const gone = join(tempFolder(), "gone");
    mkdirSync(gone);
    const through = ["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', gone];
    const end = await runCli(["events", "list", "--json"], { BLUUM_HOOKS_HOME: "own" }, through);
    expect([end.code, end.error().code]).toEqual([2, "invalid_setting"]);
  });
});
