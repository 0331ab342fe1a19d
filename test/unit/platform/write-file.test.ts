import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { proveWritable, writeWholeFile } from "../../../src/platform/write-file.ts";
import { tempFolder } from "../../support/temp.ts";

it("writes a file atomically over the old one, with its mode", async () => {
  const folder = tempFolder();
  const path = join(folder, "report.xml");
  writeFileSync(path, "an older and longer text");
  chmodSync(path, 0o640);
  await writeWholeFile(path, "new", "the report");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(["report.xml"]);
});

it("writes through a link, and keeps the link", async () => {
  const folder = tempFolder();
  const [target, link] = [join(folder, "target"), join(folder, "link")];
  writeFileSync(target, "old");
  symlinkSync(target, link);
  await writeWholeFile(link, "new", "the report");
  expect(readFileSync(target, "utf8")).toBe("new");
  expect(readdirSync(folder).toSorted()).toEqual(["link", "target"]);
});

it("creates no folder, and reports what it could not write and where", async () => {
  const folder = tempFolder();
  const path = join(folder, "no", "such", "file");
  await expect(writeWholeFile(path, "x", "the report")).rejects.toMatchObject({
    code: "file_unusable",
    message: expect.stringMatching(/^the report cannot be written to .*ENOENT/) as string,
  });
  expect(readdirSync(folder)).toEqual([]);
});

it.runIf(process.platform === "linux")("fails if a device is full, and keeps the device", async () => {
  await expect(writeWholeFile("/dev/full", "x", "the report")).rejects.toMatchObject({
    code: "file_unusable",
    message: expect.stringContaining("ENOSPC") as string,
  });
  expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
});

it("checks that a file can be written, and leaves everything unchanged", async () => {
  const folder = tempFolder();
  const path = join(folder, "ready.json");
  await proveWritable(path, "the ready file");
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(path, "as it was");
  await proveWritable(path, "the ready file");
  expect(readdirSync(folder)).toEqual(["ready.json"]);
  expect(readFileSync(path, "utf8")).toBe("as it was");
  for (const wrong of [folder, join(folder, "no", "file"), join(path, "below")]) {
    await expect(proveWritable(wrong, "the ready file")).rejects.toMatchObject({ code: "file_unusable" });
  }
  expect(readdirSync(folder)).toEqual(["ready.json"]);
});
