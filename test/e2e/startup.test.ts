import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { runInProcess } from "../support/in-process.ts";
import { chunksOf, DIST, HEAVY, helpLoadsLittle, loadedBy } from "../support/loaded.ts";

it.each([["--version"], ["-V"], ["--help"], ["-h"]])("%s loads nothing but the entry", (flag) => {
  const loaded = loadedBy([flag]).filter((url) => url.startsWith("file:"));
  expect(loaded.map((url) => url.slice(url.lastIndexOf("/") + 1))).toEqual(["bluum-hooks.js", "main.js"]);
});

// startup.slow.test.ts has every command.
helpLoadsLittle(["listen", "events", "config"]);

it("a TAB loads no undici, atomically, store or emulator", () => {
  const loaded = loadedBy(["completion", "bash", "complete", "--", "listen", "--eve"]).join("\n");
  expect(loaded).toContain("completion");
  for (const mark of HEAVY) {
    for (const chunk of chunksOf(mark)) expect(loaded, `${mark} in ${chunk}`).not.toContain(chunk);
  }
});

it("the help that was rendered at build time is commander's own", async () => {
  const { stdout } = await runInProcess(["--help"], {});
  expect(readFileSync(join(DIST, "help.txt"), "utf8")).toBe(stdout);
  expect((await runCli(["--help"])).stdout).toBe(stdout);
});

it("--version prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync(join(DIST, "../package.json"), "utf8")) as { version: string };
  expect((await runCli(["--version"])).stdout).toBe(`${version}\n`);
});
