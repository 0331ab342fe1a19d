import { openSync, closeSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { checkIntegrity } from "../../../src/store/integrity.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const { signal } = new AbortController();

async function storedFile(): Promise<string> {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  for (let nth = 0; nth < 50; nth += 1)
    await store.append(makeDelivery({ eventId: `evt_${nth}` }), VERIFIED, "sandbox");
  return (await store.examine()).openedFile;
}

/** A program that never answers, and writes its process id to a file. */
function hangingProgram(): { readonly program: URL; readonly pidFile: string } {
  const folder = tempFolder();
  const pidFile = join(folder, "pid");
  const path = join(folder, "hang.mjs");
  writeFileSync(
    path,
    `import { renameSync, writeFileSync } from "node:fs";
     writeFileSync(${JSON.stringify(`${pidFile}.new`)}, String(process.pid));
     renameSync(${JSON.stringify(`${pidFile}.new`)}, ${JSON.stringify(pidFile)});
     setInterval(() => {}, 60_000);`,
  );
  return { program: pathToFileURL(path), pidFile };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Every store is large. */
const smallBytes = -1;

it.each([
  ["small", undefined],
  ["large", smallBytes],
])("a %s store that is sound is reported as sound", async (_size, limit) => {
  const options = limit === undefined ? { signal } : { signal, smallBytes: limit };
  expect(await checkIntegrity(await storedFile(), options)).toEqual({ kind: "sound" });
});

it("a small store is read without another process", async () => {
  const { program } = hangingProgram();
  expect(await checkIntegrity(await storedFile(), { signal, program })).toEqual({ kind: "sound" });
});

it("damage in the middle of the file is found", async () => {
  const file = await storedFile();
  const descriptor = openSync(file, "r+");
  const { size } = statSync(file);
  for (let at = 4_096; at < size; at += 4_096) writeSync(descriptor, Buffer.alloc(512, 0xff), 0, 512, at);
  closeSync(descriptor);
  expect(await checkIntegrity(file, { signal })).toMatchObject({ kind: "damaged" });
  expect(await checkIntegrity(file, { signal, smallBytes })).toMatchObject({ kind: "damaged" });
});

it("a check that takes too long is stopped", async () => {
  const { program } = hangingProgram();
  const checked = await checkIntegrity("store.db", { signal, smallBytes, program, timeoutMs: 1 });
  expect(checked).toEqual({ kind: "unchecked", reason: "the store is too large for 1 ms" });
});

it("Ctrl-C ends the check and its process", async () => {
  const { program, pidFile } = hangingProgram();
  const controller = new AbortController();
  const check = checkIntegrity("store.db", { signal: controller.signal, smallBytes, program });
  check.catch(() => {});
  await expect.poll(() => Number(readFileSync(pidFile, "utf8")), { timeout: 10_000 }).toBeGreaterThan(0);
  controller.abort(new Error("interrupted"));
  await expect(check).rejects.toThrow("interrupted");
  await expect.poll(() => isRunning(Number(readFileSync(pidFile, "utf8")))).toBe(false);
});

it("a check whose process dies is reported as unchecked", async () => {
  const path = join(tempFolder(), "die.mjs");
  writeFileSync(path, "process.exit(3);");
  const checked = await checkIntegrity("store.db", { signal, smallBytes, program: pathToFileURL(path) });
  expect(checked).toEqual({ kind: "unchecked", reason: "the check ended with exit code 3" });
});
