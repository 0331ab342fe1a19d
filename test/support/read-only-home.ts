import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeRecords } from "../../src/store/log/record.ts";
import { markerOf } from "../../src/store/log/slots.ts";
import { loadDriver } from "../../src/store/driver.ts";
import { openStore } from "../../src/store/store.ts";
import { delivery } from "../unit/store/log/support.ts";
import { makeDelivery, VERIFIED } from "../unit/store/support.ts";
import { startApp } from "./app.ts";
import { runCli } from "./cli.ts";
import { startSandbox } from "./sandbox.ts";
import { tempFolder } from "./temp.ts";
import { CAN_UNSHARE, readOnlyMount } from "./unshare.ts";

export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CONFIG = '{"env": "sandbox", "environments": {}}';
const LOG = "0_killed.1.log";

/**
 * The folder of a user with three deliveries: after a normal end, or after a kill when only two of them were indexed.
 */
export async function homeOf(end: "orderly" | "killed"): Promise<string> {
  const [used, home] = [tempFolder(), tempFolder()];
  const files = ["store.db", ...(end === "killed" ? ["store.db-wal", "store.db-shm"] : [])];
  const store = await openStore({ folder: used });
  const ids = ["dlv_1", "dlv_2", ...(end === "killed" ? [] : ["dlv_3"])];
  for (const id of ids) await store.append(makeDelivery({ id, resourceId: `ord_${id}` }), VERIFIED, "sandbox");
  if (end === "orderly") {
    await store[Symbol.asyncDispose]();
    const database = loadDriver().open(join(used, "store.db"));
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

/** Every file in the folder, with its content. */
export function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "folder"];
    }),
  );
}

/** A command line, its exit code, and its output; `BODY`, `HEADERS` and `APP` are placeholders for the test's data. */
export type ReadOnlyUse = readonly [words: readonly string[], exitCode: number, shown: RegExp];

/** Each command works although its home is on a read-only mount, and writes no files. */
export function readOnlyHomeIsEnoughFor(uses: readonly ReadOnlyUse[]): void {
  describe.skipIf(!CAN_UNSHARE)("a home that cannot be written (needs unshare of Linux)", () => {
    it.each(uses)("is enough for %j", async (words, exitCode, shown) => {
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
      // The copy that was read is removed.
      expect(readdirSync(temporary)).toEqual([]);
      expect(contentOf(home)).toEqual(before);
    });
  });
}
