import { execFile } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "rolldown";
import { expect, it } from "vitest";
import { bundling } from "../../../scripts/bundling.js";
import { openConfig } from "../../../src/config/config-file.ts";
import { tempFolder } from "../../support/temp.ts";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("../../../src/config/config-file.ts", import.meta.url));
const ROOM_BYTES = 4_096;

/**
 * Stores a key in a process where each write ends after some bytes without an error, as on a disk that becomes full.
 * The library that writes the file captures the system's function when it is loaded.
 */
async function rememberWithoutRoom(folder: string, keyChars: number): Promise<unknown> {
  const module = join(tempFolder(), "config.mjs");
  await build({
    ...bundling,
    input: SOURCE,
    logLevel: "silent",
    output: { file: module, codeSplitting: false },
  });
  const script = `
    import fs from "node:fs";
    const { writeSync } = fs;
    fs.writeSync = (fd, text) => writeSync(fd, text.slice(0, ${ROOM_BYTES}));
    const { openConfig } = await import(${JSON.stringify(pathToFileURL(module).href)});
    const config = await openConfig({ folder: ${JSON.stringify(folder)} });
    const outcome = await config.remember("sandbox", { apiKey: "k".repeat(${keyChars}) }).then(
      () => "remembered",
      ({ code, message, hint }) => ({ code, message, hint }),
    );
    console.log(JSON.stringify(outcome));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
  return JSON.parse(stdout);
}

it("a disk that becomes full leaves the config unchanged", async () => {
  const folder = tempFolder();
  const config = await openConfig({ folder });
  await config.remember("sandbox", { apiSecret: "s3cret" });
  const before = readFileSync(config.path, "utf8");
  expect(await rememberWithoutRoom(folder, ROOM_BYTES)).toMatchObject({
    code: "file_unusable",
    message: expect.stringContaining("it is unchanged") as string,
    hint: "Free some disk space.",
  });
  expect(readFileSync(config.path, "utf8")).toBe(before);
  expect(readdirSync(folder)).toStrictEqual(["config.json"]);
  expect(await rememberWithoutRoom(folder, 100)).toBe("remembered");
});

it("a write changes the target of a symbolic link, and keeps the link", async () => {
  const [folder, elsewhere] = [tempFolder(), tempFolder()];
  const real = join(elsewhere, "hooks.json");
  writeFileSync(real, "{}");
  symlinkSync(real, join(folder, "config.json"));
  await (await openConfig({ folder })).remember("sandbox", { apiKey: "key" });
  expect(lstatSync(join(folder, "config.json")).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, "utf8")).toContain('"key"');
  expect(readdirSync(elsewhere)).toStrictEqual(["hooks.json"]);
});
