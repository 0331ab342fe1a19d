import { chmodSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { runCli, startCli } from "../support/cli.ts";
import { startListener } from "../support/listener.ts";
import { contentOf, homeOf, readOnlyHomeIsEnoughFor, SECRET } from "../support/read-only-home.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { CAN_UNSHARE, NAMELESS_USER, readOnlyMount } from "../support/unshare.ts";

/** Removes write permission from everything in the folder; the test's own cleanup needs it back. */
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

// One command that reads, one that diagnoses, one that usually writes and one that sends; read-only-home.slow.test.ts
// has all.
readOnlyHomeIsEnoughFor([
  [["events", "show", "dlv_3"], 0, /dlv_3/],
  [["doctor"], 1, /sound: 3 deliveries[^]*✗ store .*cannot/],
  [["exec", "--", "env"], 0, /BLUUM_WEBHOOK_SECRET=whsec_/],
  [["check", "APP", "--only", "transport.reachable", "--json"], 0, /"passed":true/],
]);

describe.skipIf(!CAN_UNSHARE)("a home that cannot be written (needs unshare of Linux)", () => {
  describe.each(WAYS)("%s", (_where, make) => {
    it.each(["orderly", "killed"] as const)("shows everything that was stored (%s)", async (end) => {
      const home = await homeOf(end);
      const through = make(home);
      const before = contentOf(home);
      const { code, stdout, stderr } = await runCli(["events", "list", "--json"], { BLUUM_HOOKS_HOME: home }, through);
      const ids = stdout.trim().split("\n").map((line) => (JSON.parse(line) as { id: string }).id); // prettier-ignore
      expect([code, ids.toSorted(), stderr]).toEqual([0, ["dlv_1", "dlv_2", "dlv_3"], ""]);
      expect(contentOf(home)).toEqual(before);
    });

    it("refuses commands that must store data, before anything is done", async () => {
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

  it("finds a listener of another process, and follows its deliveries", async () => {
    const { env } = await startSandbox();
    const home = String(env["BLUUM_HOOKS_HOME"]);
    const own = { ...env, BLUUM_WEBHOOK_SECRET: SECRET };
    const listener = await startListener([], own);
    const trigger = await runCli(["trigger", "event", "order.filled"], own, readOnlyMount(home));
    expect([trigger.code, trigger.stderr]).toEqual([0, expect.stringContaining(listener.url) as string]);
    const tail = startCli(["events", "tail", "--count", "2", "--json"], own, readOnlyMount(home));
    // With --json the cause is not printed: the first record is always printed.
    let sent = 1;
    for (let isOver = false; !isOver; sent += 1) {
      await listener.deliver("order.filled", `ord_${sent}`);
      isOver = await Promise.race([tail.ended.then(() => true), delay(100).then(() => false)]);
    }
    expect(tail.stdout.split('"type":"delivery"')).toHaveLength(3);
    expect((await tail.ended).code).toBe(0);
    const listed = await runCli(["events", "list", "--json"], own, readOnlyMount(home));
    expect(listed.stdout.trim().split("\n")).toHaveLength(sent);
  });

  it("reports what it cannot show, if no copy can be created", async () => {
    const home = await homeOf("killed");
    const temporary = mkdtempSync(join(tempFolder(), "tmp-"));
    const env = { BLUUM_HOOKS_HOME: home, TMPDIR: temporary };
    const end = await runCli(["events", "stats", "--json"], env, readOnlyMount(home, temporary));
    expect([end.code, JSON.parse(end.stdout)]).toEqual([0, expect.objectContaining({ received: 2 })]);
    expect(JSON.parse(end.stderr)).toMatchObject({ warning: { code: "store_unavailable" } });
  });
});
