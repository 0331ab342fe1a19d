import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makePrivateFolder } from "../../../src/platform/folder.ts";
import { tempFolder } from "../../support/temp.ts";

it("makes the folders that are not there, for the user alone, and leaves those that are", () => {
  const top = tempFolder();
  const path = join(top, "a", "b");
  makePrivateFolder(path);
  makePrivateFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(top, "a")).mode & 0o777).toBe(0o700);
});

it("throws what the system says of a place that takes no folders", () => {
  const file = join(tempFolder(), "file");
  writeFileSync(file, "");
  expect(() => makePrivateFolder(join(file, "below"))).toThrow(/ENOTDIR/);
});

it.runIf(existsSync("/proc/self"))("gives up where folders are never made", () => {
  expect(() => makePrivateFolder("/proc/bluum-hooks")).toThrow(/ENOENT|EACCES|EPERM/);
});
