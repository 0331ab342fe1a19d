import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeRecords } from "../../src/store/log/record.ts";
import { markerOf } from "../../src/store/log/slots.ts";
import { loadDriver } from "../../src/store/driver.ts";
import { openStore } from "../../src/store/store.ts";
import { startApp } from "../support/app.ts";
import { runCli, startCli } from "../support/cli.ts";
import { startListener } from "../support/listener.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { CAN_UNSHARE, NAMELESS_USER, readOnlyMount } from "../support/unshare.ts";
import { delivery } from "../unit/store/log/support.ts";
import { makeDelivery, VERIFIED } from "../unit/store/support.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CONFIG = '{"env": "sandbox", "environments": {}}';
const LOG = "0_killed.1.log";

/**
 * The folder of a user with three deliveries: after an orderly end, or as it is when a process is killed that has brought only
 * two of them into its tables.
 */
async function homeOf(end: "orderly" | "killed"): Promise<string> {
  const [used, home] = [tempFolder(), tempFolder()];
  const files = ["store.db", ...(end === "killed" ? ["store.db-wal", "store.db-shm"] : [])];
  const store = await openStore({ folder: used });
  const ids = ["dlv_1", "dlv_2", ...(end === "killed" ? [] : ["dlv_3"])];
  for (const id of ids) await store.append(makeDelivery({ id, resourceId: `ord_${id}` }), VERIFIED, "sandbox");
  if (end === "orderly") {
    await store[Symbol.asyncDispose]();
    const database = (await loadDriver()).open(join(used, "store.db"));
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
  }
  for (const file of files) cpSync(join(used, file), join(home, file));
  if (end === "killed") await store[Symbol.asyncDispose]();
  for (const name of ["log", "locks"]) mkdirSync(join(home, name));
  if (end === "killed") {
    const record = encodeRecords([{ type: "delivery", delivery: delivery("dlv_3") }], markerOf(LOG));
    writeFileSync(join(home, "log", LOG), Buffer.concat([record, Buffer.alloc(4_096)]));
  }
  writeFileSync(join(home, "config.json"), CONFIG, { mode: 0o600 });
  return home;
}

/** Every file beneath the folder, and what it holds. */
function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "folder"];
    }),
  );
}

/** Takes the right to write from everything in the folder; the test's own clean-up needs it back. */
function forbidWriting(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isFile() ? 0o400 : 0o500);
  }
  chmodSync(folder, 0o500);
}

const WAYS = [
  ["on a read-only mount", (home: string) => readOnlyMount(home)],
  [
    "without the right to write",
    (home: string) => {
      forbidWriting(home);
      return NAMELESS_USER;
    },
  ],
] as const;

describe.skipIf(!CAN_UNSHARE)("a home that cannot be written (needs unshare of Linux)", () => {
  describe.each(WAYS)("%s", (_where, make) => {
    it.each(["orderly", "killed"] as const)("shows all that was stored (%s)", async (end) => {
      const home = await homeOf(end);
      const through = make(home);
      const before = contentOf(home);
      const { code, stdout, stderr } = await runCli(["events", "list", "--json"], { BLUUM_HOOKS_HOME: home }, through);
      const ids = stdout.trim().split("\n").map((line) => (JSON.parse(line) as { id: string }).id); // prettier-ignore
      expect([code, ids.toSorted(), stderr]).toEqual([0, ["dlv_1", "dlv_2", "dlv_3"], ""]);
      expect(contentOf(home)).toEqual(before);
    });

    it("refuses what would have to be stored, before anything is done", async () => {
      const home = await homeOf("killed");
      const through = make(home);
      const app = await startApp();
      const env = { BLUUM_HOOKS_HOME: home };
      for (const args of [
        ["events", "replay", "dlv_1", "--to", app.url],
        ["events", "prune", "--older-than", "1d", "--yes"],
        ["config", "set", "env", "emulator"],
      ]) {
        const end = await runCli([...args, "--json"], env, through);
        expect([args[1], end.code, end.error().hint]).toEqual([
          args[1],
          1,
          expect.stringContaining("BLUUM_HOOKS_HOME") as string,
        ]);
      }
      expect(app.requests).toEqual([]);
    });
  });

  it.each<[readonly string[], number, RegExp]>([
    [["events", "show", "dlv_3"], 0, /dlv_3/],
    [["events", "timeline", "ord_dlv_1"], 0, /order\.filled/],
    [["events", "stats"], 0, /received +3/],
    [["events", "export"], 0, /"dlv_3"/],
    [["events", "tail", "--last", "3", "--count", "3", "--json"], 0, /"dlv_3"/],
    [["events", "replay", "dlv_1", "--to", "9", "--dry-run"], 0, /not sent/],
    [["events", "prune", "--older-than", "1d", "--dry-run"], 0, /Would delete/],
    [["completion", "bash", "complete", "--", "events", "show", ""], 0, /dlv_3/],
    [["config", "list"], 0, /env +sandbox/],
    [["config", "get", "env"], 0, /sandbox/],
    [["restore", "--list", "--json"], 0, /\[\]/],
    [["webhooks", "list", "--json"], 0, /\[\]/],
    [["event-types"], 0, /order\.filled/],
    [["doctor"], 1, /sound: 3 deliveries[^]*✗ store .*cannot/],
    [["trigger", "order", "--json"], 0, /"order"/],
    [["exec", "--", "env"], 0, /BLUUM_WEBHOOK_SECRET=whsec_/],
    [["sign", "BODY"], 0, /webhook-signature/],
    [["verify", "BODY", "--headers-file", "HEADERS"], 6, /mismatch/],
    [["trigger", "event", "order.filled", "--to", "APP"], 0, /✓ 200/],
    [["check", "APP", "--only", "transport.reachable", "--json"], 0, /"passed":true/],
  ])("is enough for %j", async (words, exitCode, shown) => {
    const home = await homeOf("killed");
    const app = await startApp();
    const { env } = await startSandbox();
    const [body, headers] = [join(tempFolder(), "body.json"), join(tempFolder(), "headers.txt")];
    writeFileSync(body, '{"event":"order.filled"}');
    writeFileSync(headers, "webhook-id: evt_1\nwebhook-timestamp: 1700000000\nwebhook-signature: v1,AAAA\n");
    const files: Record<string, string> = { BODY: body, HEADERS: headers, APP: `${app.url}/webhooks/bluum` };
    const [before, temporary] = [contentOf(home), tempFolder()];
    const own =
      words[0] === "exec"
        ? { BLUUM_HOOKS_HOME: home, TMPDIR: temporary }
        : { ...env, BLUUM_HOOKS_HOME: home, BLUUM_WEBHOOK_SECRET: SECRET, TMPDIR: temporary };
    const args = words.map((word) => files[word] ?? word);
    const end = await runCli(args, own, readOnlyMount(home));
    expect(`${end.stdout}\n${end.stderr}`).toMatch(shown);
    expect(end.code).toBe(exitCode);
    expect(end.stderr).not.toMatch(/^! /m);
    // A copy that was read is gone.
    expect(readdirSync(temporary)).toEqual([]);
    expect(contentOf(home)).toEqual(before);
  });

  it("finds a listener of another process, and follows what it receives", async () => {
    const { env } = await startSandbox();
    const home = String(env["BLUUM_HOOKS_HOME"]);
    const own = { ...env, BLUUM_WEBHOOK_SECRET: SECRET };
    const listener = await startListener([], own);
    const tail = startCli(["events", "tail", "--count", "2", "--json"], own, readOnlyMount(home));
    const trigger = () => runCli(["trigger", "event", "order.filled"], own, readOnlyMount(home));
    // What it follows from is not said with --json: whatever comes first is told in any case.
    let sent = 0;
    while (tail.stdout.split('"type":"delivery"').length < 3) {
      const end = await trigger();
      expect([end.code, end.stderr]).toEqual([0, expect.stringContaining(listener.url) as string]);
      if ((sent += 1) > 50) throw new Error("nothing was followed");
    }
    expect((await tail.ended).code).toBe(0);
    const listed = await runCli(["events", "list", "--json"], own, readOnlyMount(home));
    expect(listed.stdout.trim().split("\n")).toHaveLength(sent);
  });

  it("says what it cannot show, where no copy can be made for it", async () => {
    const home = await homeOf("killed");
    const temporary = mkdtempSync(join(tempFolder(), "tmp-"));
    const env = { BLUUM_HOOKS_HOME: home, TMPDIR: temporary };
    const end = await runCli(["events", "stats", "--json"], env, readOnlyMount(home, temporary));
    expect([end.code, JSON.parse(end.stdout)]).toEqual([0, expect.objectContaining({ received: 2 })]);
    expect(JSON.parse(end.stderr)).toMatchObject({ warning: { code: "store_unavailable" } });
  });
});
