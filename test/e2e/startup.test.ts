import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runCli } from "../support/cli.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = join(ROOT, "dist");

/** The chunks that a command line loads, as the loader hook of a child process reports them. */
function loadedBy(args: readonly string[]): string[] {
  const hook = `data:text/javascript,${encodeURIComponent(`
    import { writeSync } from "node:fs";
    export async function load(url, context, next) { writeSync(3, url + "\\n"); return next(url, context); }
  `)}`;
  const register = `data:text/javascript,${encodeURIComponent(`import { register } from "node:module"; register(${JSON.stringify(hook)});`)}`;
  const script = `exec 3>&1 1>/dev/null; exec "$0" --no-warnings --import "$1" "$2" ${args.map((_, at) => `"$${at + 3}"`).join(" ")}`;
  const output = execFileSync(
    "sh",
    [
      "-c",
      script.replaceAll('"$10"', '"${10}"'),
      process.execPath,
      register,
      join(ROOT, "bin/bluum-hooks.js"),
      ...args,
    ],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "" },
    },
  );
  return output.split("\n").filter((line) => line !== "");
}

/** A text that only the named package or folder contains, to recognise the chunks that hold it. Not one that we ever look for. */
const MARKS = {
  undici: "UND_ERR_BPL_MISSING_UPSTREAM",
  atomically: "ENAMETOOLONG",
  store: "journal_mode",
  emulator: "emulator_inactive_key",
  commander: "CommanderError",
} as const;

const chunks = readdirSync(DIST).filter((file) => file.endsWith(".js"));
const chunksWith = (mark: string) => chunks.filter((file) => readFileSync(join(DIST, file), "utf8").includes(mark));

it.each([["--version"], ["-V"], ["--help"], ["-h"]])("%s loads nothing but the entry", (flag) => {
  const loaded = loadedBy([flag]).filter((url) => url.startsWith("file:"));
  expect(loaded.map((url) => url.slice(url.lastIndexOf("/") + 1))).toEqual(["bluum-hooks.js", "main.js"]);
});

it.each([
  ["listen"],
  ["trigger"],
  ["events"],
  ["emulator"],
  ["promote"],
  ["login"],
  ["config"],
  ["doctor"],
  ["completion"],
])("%s --help loads no undici, atomically, store or emulator", (command) => {
  const loaded = loadedBy([command, "--help"]).join("\n");
  expect(loaded).toContain("node:");
  for (const mark of ["undici", "atomically", "store", "emulator"] as const) {
    const marked = chunksWith(MARKS[mark]).filter((file) => !file.startsWith("main"));
    expect(marked.length, `no chunk holds ${mark}: the mark is out of date`).toBeGreaterThan(0);
    for (const chunk of marked) expect(loaded, `${mark} in ${chunk}`).not.toContain(chunk);
  }
  expect(loaded).not.toContain("libsql");
  expect(loaded).not.toContain("@ngrok");
});

it("a TAB loads no undici, atomically, store or emulator", () => {
  const loaded = loadedBy(["completion", "bash", "complete", "--", "listen", "--eve"]).join("\n");
  expect(loaded).toContain("completion");
  for (const mark of ["undici", "atomically", "store", "emulator"] as const) {
    for (const chunk of chunksWith(MARKS[mark]).filter((file) => !file.startsWith("main"))) {
      expect(loaded, `${mark} in ${chunk}`).not.toContain(chunk);
    }
  }
});

it("the help that was rendered at build time is commander's own", async () => {
  const { runInProcess } = await import("../support/in-process.ts");
  const { stdout } = await runInProcess(["--help"], {});
  expect(readFileSync(join(DIST, "help.txt"), "utf8")).toBe(stdout);
  expect((await runCli(["--help"])).stdout).toBe(stdout);
});

it("--version prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect((await runCli(["--version"])).stdout).toBe(`${version}\n`);
});
