import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makePrivateFolder } from "../../../src/platform/folder.ts";
import { tempFolder } from "../../support/temp.ts";

it("creates missing folders, for the user alone, and leaves existing ones", () => {
  const top = tempFolder();
  const path = join(top, "a", "b");
  makePrivateFolder(path);
  makePrivateFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(top, "a")).mode & 0o777).toBe(0o700);
});

it("throws the system's error for a place that cannot contain folders", () => {
  const file = join(tempFolder(), "file");
  writeFileSync(file, "");
  expect(() => makePrivateFolder(join(file, "below"))).toThrow(/ENOTDIR/);
});

it.runIf(existsSync("/proc/self"))("fails where no folder can ever be created", () => {
  expect(() => makePrivateFolder("/proc/bluum-hooks")).toThrow(/ENOENT|EACCES|EPERM/);
});
