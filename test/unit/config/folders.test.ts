import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolder } from "../../../src/config/folders.ts";

describe("homeFolder", () => {
  it("is the folder in BLUUM_HOOKS_HOME, on every platform", () => {
    expect(homeFolder({ BLUUM_HOOKS_HOME: "/tmp/x" }, "darwin", () => "/Users/me")).toBe(resolve("/tmp/x"));
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
    expect(homeFolder(env, platform, () => home)).toBe(folder);
  });

  const none = (): string => {
    throw new Error("uv_os_homedir returned ENOENT");
  };

  it.each([
    ["linux", { BLUUM_HOOKS_HOME: "/data/own" }, "/data/own"],
    ["linux", { XDG_DATA_HOME: "/data" }, "/data/bluum-hooks"],
    ["darwin", { BLUUM_HOOKS_HOME: "/data/own" }, "/data/own"],
    ["win32", { LOCALAPPDATA: "D:\\Local" }, "D:\\Local\\bluum-hooks"],
  ] as const)("does not need the user's home on %s with %o", (platform, env, folder) => {
    expect(homeFolder(env, platform, none)).toBe(platform === "win32" ? folder : resolve(folder));
  });

  it.each([
    ["the user has none", "linux", undefined],
    ["the user has none", "darwin", undefined],
    ["the user has none", "win32", undefined],
    ["HOME is empty", "linux", ""],
    ["HOME is relative", "linux", "work"],
  ] as const)("names BLUUM_HOOKS_HOME if %s (%s)", (_why, platform, home) => {
    expect(() => homeFolder({}, platform, home === undefined ? none : () => home)).toThrow(
      expect.objectContaining({ code: "invalid_setting", hint: expect.stringContaining("BLUUM_HOOKS_HOME") as string }),
    );
  });

  it.each(["~", "~/hooks"])("is never a folder called ~: BLUUM_HOOKS_HOME=%s is refused", (chosen) => {
    expect(() => homeFolder({ BLUUM_HOOKS_HOME: chosen }, "linux")).toThrow(
      expect.objectContaining({ code: "invalid_setting", message: expect.stringContaining("~") as string }),
    );
  });
});
