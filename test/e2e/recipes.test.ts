import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { runCli } from "../support/cli.ts";
import { startSandbox } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const BIN = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));
const recipes = readdirSync(fileURLToPath(new URL("../../recipes", import.meta.url)))
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

async function freeEmulatorUrl(): Promise<string> {
  const { emulator } = await startSandbox();
  await emulator[Symbol.asyncDispose]();
  return emulator.baseUrl;
}

/** As it stands in a user's CI: an emulator, a listener and the app, for as long as the recipe runs. */
async function inCi(recipe: string, appUrl: string) {
  const exec = ["exec", "--base-url", await freeEmulatorUrl(), "--forward-to", appUrl, "--"];
  return runCli([...exec, process.execPath, BIN, "trigger", "recipe", recipe, "--json"], {
    BLUUM_HOOKS_HOME: tempFolder(),
  });
}

describe("a recipe that comes with the program", () => {
  it.each(recipes)("%s passes with an app that does as it should", async (recipe) => {
    const app = await startApp();
    const end = await inCi(recipe, app.url);
    expect([end.stderr.match(/Warning.*/)?.[0], end.code]).toEqual([undefined, 0]);
    expect(end.records().at(-1)).toMatchObject({ type: "recipe", ok: true, failed: 0, skipped: 0 });
    expect(app.requests.length).toBeGreaterThan(0);
  });

  it("duplicate-storm fails with an app that falls over", async () => {
    const app = await startApp((_request, response) => void response.writeHead(500).end());
    const end = await inCi("duplicate-storm", app.url);
    expect([end.code, end.records().at(-1)]).toMatchObject([6, { ok: false, failed: 1 }]);
  });
});
