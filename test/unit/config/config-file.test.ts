import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "rolldown";
import { describe, expect, it } from "vitest";
import { bundling } from "../../../scripts/bundling.js";
import { openConfig } from "../../../src/config/config-file.ts";
import { withLock } from "../../../src/config/lock.ts";
import { Interrupted } from "../../../src/core/errors.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { Waits } from "../../../src/platform/waits.ts";
import { tempFolder } from "../../support/temp.ts";

const runScript = promisify(execFile);
const CONFIG_SOURCE = fileURLToPath(new URL("../../../src/config/config-file.ts", import.meta.url));
const BASE = "https://sandbox.api.bluumfinance.com/v1";
const OTHER = "http://127.0.0.1:4650/v1";

describe("openConfig", () => {
  it("stores values across processes, separately for each environment", async () => {
    const folder = tempFolder();
    const config = await openConfig({ folder });
    await config.remember("sandbox", { apiKey: "key", apiSecret: "secret" });
    await config.remember("sandbox", { investorId: "inv_1" });
    const again = await openConfig({ folder });
    expect(again.profile("sandbox")).toStrictEqual({
      apiKey: "key",
      apiSecret: "secret",
      investorId: "inv_1",
      webhooks: {},
    });
    expect(again.profile("production")).toStrictEqual({ webhooks: {} });
  });

  it("removes a value that is patched with undefined", async () => {
    const config = await openConfig({ folder: tempFolder() });
    await config.remember("sandbox", { apiKey: "key" });
    await config.remember("sandbox", { apiKey: undefined });
    expect(config.profile("sandbox")).toStrictEqual({ webhooks: {} });
  });

  it("sees what another process has written meanwhile", async () => {
    const folder = tempFolder();
    const [one, other] = [await openConfig({ folder }), await openConfig({ folder })];
    await one.remember("sandbox", { investorId: "inv_1" });
    expect(other.profile("sandbox").investorId).toBe("inv_1");
  });

  it("keeps a webhook's secret when the webhook is used again, but not for another API's webhook of that id", async () => {
    const config = await openConfig({ folder: tempFolder() });
    await config.rememberWebhook("emulator", "wh_1", { baseUrl: OTHER, createdByUs: true, secret: "whsec_1" });
    await config.rememberWebhook("emulator", "wh_1", { baseUrl: OTHER, createdByUs: true });
    expect(config.profile("emulator").webhooks["wh_1"]?.secret).toBe("whsec_1");
    await config.rememberWebhook("emulator", "wh_1", { baseUrl: BASE, createdByUs: false });
    expect(config.profile("emulator").webhooks).toStrictEqual({ wh_1: { baseUrl: BASE, createdByUs: false } });
  });

  it("sets the current webhook in the same write, and no other without a request", async () => {
    const config = await openConfig({ folder: tempFolder() });
    await config.rememberWebhook("sandbox", "wh_1", { baseUrl: BASE, createdByUs: true }, { isCurrent: true });
    await config.rememberWebhook("sandbox", "wh_2", { baseUrl: BASE, createdByUs: true });
    expect(config.profile("sandbox").webhookId).toBe("wh_1");
    expect(Object.keys(config.profile("sandbox").webhooks)).toEqual(["wh_1", "wh_2"]);
  });

  it("removes a webhook, and that it was the last one used", async () => {
    const config = await openConfig({ folder: tempFolder() });
    await config.rememberWebhook("sandbox", "wh_1", { baseUrl: BASE, createdByUs: true });
    await config.rememberWebhook("sandbox", "wh.2", { baseUrl: BASE, createdByUs: true });
    await config.remember("sandbox", { webhookId: "wh_1" });
    await config.forgetWebhook("sandbox", "wh.2");
    expect(config.profile("sandbox").webhookId).toBe("wh_1");
    await config.forgetWebhook("sandbox", "wh_1");
    expect(config.profile("sandbox")).toStrictEqual({ webhooks: {} });
  });

  it("is readable by the user alone", async () => {
    const folder = join(tempFolder(), "new");
    const config = await openConfig({ folder });
    await config.remember("sandbox", { apiKey: "key" });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(config.path).mode & 0o777).toBe(0o600);
  });

  it("makes a file private that was open to others", async () => {
    const folder = tempFolder();
    const path = join(folder, "config.json");
    writeFileSync(path, "{}", { mode: 0o644 });
    await openConfig({ folder });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["no JSON", '{"environments": {"sandbox": {"apiSecret": "s3cret"'],
    ["empty", ""],
    ["a list", "[]"],
    ["with a list of environments", '{"environments": []}'],
    ["with a list for a profile", '{"environments": {"sandbox": []}}'],
    ["with a list of webhooks", '{"environments": {"sandbox": {"webhooks": []}}}'],
    ["with a list for a webhook", '{"environments": {"sandbox": {"webhooks": {"wh_1": []}}}}'],
    ["with a list for ngrok", '{"ngrok": []}'],
    ["of another shape", '{"environments": {"sandbox": {"apiSecret": ["s3cret"]}}}'],
  ])(
    "keeps a file that is %s under another name, for the user alone, and starts with an empty one",
    async (_what, content) => {
      const folder = tempFolder();
      const path = join(folder, "config.json");
      writeFileSync(path, content, { mode: 0o644 });
      const config = await openConfig({
        folder,
        clock: { ...systemClock, now: () => Date.UTC(2030, 0, 2, 3, 4, 5, 6) },
      });
      const aside = `${path}.damaged-2030-01-02T03-04-05.006Z`;
      expect(config.setAside?.path).toBe(aside);
      expect(config.setAside?.fault).not.toContain("s3cret");
      expect(readFileSync(aside, "utf8")).toBe(content);
      expect(statSync(aside).mode & 0o777).toBe(0o600);
      await config.remember("sandbox", { apiKey: "key" });
      const again = await openConfig({ folder });
      expect([again.setAside, again.profile("sandbox").apiKey]).toStrictEqual([undefined, "key"]);
    },
  );

  it("creates nothing for reading", async () => {
    const folder = join(tempFolder(), "not", "there");
    const config = await openConfig({ folder });
    expect([config.profile("sandbox"), config.retention()]).toStrictEqual([{ webhooks: {} }, undefined]);
    expect(existsSync(dirname(folder))).toBe(false);
  });

  it("does not rename a file that another process has repaired meanwhile", async () => {
    const folder = tempFolder();
    const path = join(folder, "config.json");
    writeFileSync(path, "{");
    mkdirSync(`${path}.lock`);
    const sleep = async () => {
      writeFileSync(path, '{"environments":{"sandbox":{"apiKey":"repaired","webhooks":{}}}}');
      rmdirSync(`${path}.lock`);
    };
    const config = await openConfig({ folder, clock: { now: () => Date.now(), sleep } });
    expect([config.setAside, config.profile("sandbox").apiKey]).toStrictEqual([undefined, "repaired"]);
  });

  it("refuses a file that is damaged while the program runs, leaves it unchanged, and does not quote it", async () => {
    const config = await openConfig({ folder: tempFolder() });
    writeFileSync(config.path, '{"apiSecret": "s3cret');
    const error: unknown = await config.remember("sandbox", {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "config_damaged", message: expect.stringContaining(config.path) as string });
    expect(`${(error as Error).stack}${String((error as Error).cause)}`).not.toContain("s3cret");
    expect(readFileSync(config.path, "utf8")).toBe('{"apiSecret": "s3cret');
  });

  it("stores ngrok's settings once for all environments", async () => {
    const config = await openConfig({ folder: tempFolder() });
    await config.rememberNgrok({ authtoken: "token", domain: "a.ngrok.app" });
    await config.rememberNgrok({ domain: undefined });
    expect(config.ngrok()).toStrictEqual({ authtoken: "token" });
  });

  it("changes a file that an editor has saved with a byte order mark", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "config.json"), '\ufeff{"environments":{"sandbox":{"apiKey":"key"}}}');
    const config = await openConfig({ folder });
    await config.remember("sandbox", { investorId: "inv_1" });
    expect([config.setAside, config.profile("sandbox")]).toStrictEqual([
      undefined,
      { apiKey: "key", investorId: "inv_1", webhooks: {} },
    ]);
  });

  it("keeps what a newer version wrote", async () => {
    const folder = tempFolder();
    const path = join(folder, "config.json");
    writeFileSync(path, '{"future":1,"environments":{"sandbox":{"more":2,"webhooks":{}}}}');
    await (await openConfig({ folder })).remember("sandbox", { apiKey: "key" });
    expect(JSON.parse(readFileSync(path, "utf8"))).toStrictEqual({
      future: 1,
      environments: { sandbox: { more: 2, apiKey: "key", webhooks: {} } },
    });
  });

  it("refuses an invalid folder", async () => {
    const file = join(tempFolder(), "file");
    writeFileSync(file, "");
    await expect(openConfig({ folder: join(file, "below") })).rejects.toMatchObject({ code: "file_unusable" });
  });

  it("removes the partial file of a killed process, which may contain secrets", async () => {
    const folder = tempFolder();
    const config = await openConfig({ folder });
    await config.remember("sandbox", { apiSecret: "s3cret" });
    writeFileSync(join(folder, "config.json.tmp-1795000000abcdef"), '{"apiSecret":"s3cr');
    writeFileSync(join(folder, "config.json.new"), '{"apiSecret":"s3cr');
    writeFileSync(join(folder, "config.json.new.tmp-1795000000abcdef"), '{"apiSecret":"s3cr');
    writeFileSync(join(folder, "store.db"), "");
    await config.remember("sandbox", { apiSecret: undefined });
    expect(readdirSync(folder).toSorted()).toEqual(["config.json", "store.db"]);
  });

  it("takes over the lock of a process that died", async () => {
    const folder = tempFolder();
    const config = await openConfig({ folder });
    const lock = join(folder, "config.json.lock");
    mkdirSync(lock);
    utimesSync(lock, 0, 0);
    await config.remember("sandbox", { apiKey: "key" });
    expect(config.profile("sandbox").apiKey).toBe("key");
    expect(readdirSync(folder)).toStrictEqual(["config.json"]);
  });

  it("waits for a lock that another process holds", async () => {
    const folder = tempFolder();
    const lock = join(folder, "config.json.lock");
    let waits = 0;
    const sleep = async () => {
      waits += 1;
      expect(existsSync(join(folder, "config.json"))).toBe(false);
      if (waits === 3) rmdirSync(lock);
    };
    const config = await openConfig({ folder, clock: { now: () => Date.now(), sleep } });
    mkdirSync(lock);
    await config.remember("sandbox", { apiKey: "key" });
    expect(waits).toBe(3);
    expect(config.profile("sandbox").apiKey).toBe("key");
  });

  it("loses nothing when several processes write at once", async () => {
    const folder = tempFolder();
    const module = join(tempFolder(), "config.mjs");
    // Node 20 does not run TypeScript, so the processes run a build.
    await build({
      ...bundling,
      input: CONFIG_SOURCE,
      logLevel: "silent",
      output: { file: module, codeSplitting: false },
    });
    // All of them start with the lock of a dead process.
    mkdirSync(join(folder, "config.json.lock"));
    utimesSync(join(folder, "config.json.lock"), 0, 0);
    const script = (name: string) => `
      const { openConfig } = await import(${JSON.stringify(pathToFileURL(module).href)});
      const config = await openConfig({ folder: ${JSON.stringify(folder)} });
      for (let index = 0; index < 10; index += 1) {
        await config.rememberWebhook("sandbox", "${name}_" + index, { baseUrl: "${BASE}", createdByUs: true });
      }`;
    await Promise.all(
      ["a", "b", "c", "d", "e"].map((name) => runScript(process.execPath, ["--input-type=module", "-e", script(name)])),
    );
    const config = await openConfig({ folder });
    expect(Object.keys(config.profile("sandbox").webhooks)).toHaveLength(50);
    expect(readdirSync(folder)).toStrictEqual(["config.json"]);
  });
});

describe("withLock", () => {
  const path = () => join(tempFolder(), "lock");
  /** How long a lock must be unchanged to count as that of a dead process. */
  const wait = { clock: systemClock, staleMs: 60, stuckMs: 1_000 };
  const TEN_YEARS_S = 3_650 * 24 * 3600;

  it.each([
    ["long ago", 0],
    ["in the future", Date.now() / 1000 + TEN_YEARS_S],
  ])("takes over a lock of a dead process that is dated %s, once it was the same for a while", async (_when, time) => {
    const lock = path();
    mkdirSync(lock);
    utimesSync(lock, time, time);
    const startedAt = performance.now();
    expect(await withLock(lock, wait, () => "done")).toBe("done");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(60);
    expect(existsSync(lock)).toBe(false);
  });

  it("does not take over what another has taken over before, whatever its timestamp", async () => {
    const lock = path();
    mkdirSync(lock);
    utimesSync(lock, 0, 0);
    let waits = 0;
    // Another process takes it over, and holds it for a shorter time than a dead one.
    const sleep = async () => {
      await systemClock.sleep(10);
      waits += 1;
      if (waits === 3) {
        rmdirSync(lock);
        mkdirSync(lock);
        utimesSync(lock, 1, 1);
      }
      if (waits > 3) expect(existsSync(lock), "the rival's lock was taken away").toBe(true);
      if (waits === 6) rmdirSync(lock);
    };
    await withLock(lock, { ...wait, staleMs: 10_000, clock: { sleep } }, () => expect(waits).toBe(6));
  });

  it("takes over also if the process with the right to do so has died", async () => {
    const lock = path();
    mkdirSync(lock);
    const { ino, mtimeNs } = statSync(lock, { bigint: true });
    mkdirSync(`${lock}.${ino}-${mtimeNs}`);
    expect(await withLock(lock, wait, () => "done")).toBe("done");
    expect(readdirSync(dirname(lock))).toStrictEqual([]);
  });

  it("does not release a lock that another process has taken over", async () => {
    const lock = path();
    await withLock(lock, wait, () => {
      rmdirSync(lock);
      mkdirSync(`${lock}.other`);
      mkdirSync(lock);
    });
    expect(existsSync(lock)).toBe(true);
  });

  it.each(["a file", "a folder with something in it"])("fails if %s is in its place", async (what) => {
    const lock = path();
    if (what === "a file") writeFileSync(lock, "");
    else mkdirSync(join(lock, "inside"), { recursive: true });
    await expect(withLock(lock, wait, () => "done")).rejects.toMatchObject({
      code: "file_unusable",
      hint: expect.stringContaining(lock) as string,
    });
    expect(existsSync(lock)).toBe(true);
  });

  it("ends with the signal, but not if that aborted before: a command that ends still writes", async () => {
    const lock = path();
    mkdirSync(lock);
    const stop = new AbortController();
    const waiting = withLock(lock, { ...wait, staleMs: 60_000, signal: stop.signal }, () => "done");
    stop.abort(new Interrupted("SIGTERM", 143));
    await expect(waiting).rejects.toMatchObject({ exitCode: 143 });
    expect(await withLock(lock, { ...wait, signal: stop.signal }, () => "done")).toBe("done");
  });

  it("reports after a second what it waits for", async () => {
    const lock = path();
    mkdirSync(lock);
    const waits = new Waits();
    const said: string[] = [];
    waits.onSlow((what) => said.push(what));
    await withLock(lock, { ...wait, waits, staleMs: 1_500, stuckMs: 5_000 }, () => "done");
    expect(said).toEqual([`another process that holds ${lock}`]);
  });
});
