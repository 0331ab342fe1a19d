import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolder } from "../../../src/config/folders.ts";

describe("homeFolder", () => {
  it("is the folder that BLUUM_HOOKS_HOME names, on every platform", () => {
    expect(homeFolder({ BLUUM_HOOKS_HOME: "/tmp/x" }, "darwin", "/Users/me")).toBe(resolve("/tmp/x"));
  });

  it.each([
    ["linux", {}, "/home/me", "/home/me/.local/share/bluum-hooks"],
    ["linux", { XDG_DATA_HOME: "/data" }, "/home/me", "/data/bluum-hooks"],
    ["linux", { XDG_DATA_HOME: "relative" }, "/home/me", "/home/me/.local/share/bluum-hooks"],
    ["linux", { BLUUM_HOOKS_HOME: "" }, "/home/me", "/home/me/.local/share/bluum-hooks"],
    ["darwin", {}, "/Users/me", "/Users/me/Library/Application Support/bluum-hooks"],
    ["win32", {}, "C:\\Users\\me", "C:\\Users\\me\\AppData\\Local\\bluum-hooks"],
    ["win32", { LOCALAPPDATA: "D:\\Local" }, "C:\\Users\\me", "D:\\Local\\bluum-hooks"],
  ] as const)("is the platform's own on %s with %o", (platform, env, home, folder) => {
    expect(homeFolder(env, platform, home)).toBe(folder);
  });
});
