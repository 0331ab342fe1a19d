import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/core/signature.ts";
import { STEP_KINDS } from "../../src/features/recipes/steps/index.ts";
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
async function inCi(recipe: string, appUrl: string, env: Readonly<Record<string, string>> = {}) {
  const exec = ["exec", "--base-url", await freeEmulatorUrl(), "--forward-to", appUrl, "--"];
  return runCli([...exec, process.execPath, BIN, "trigger", "recipe", recipe, "--json"], {
    BLUUM_HOOKS_HOME: tempFolder(),
    ...env,
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

const docs = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");
const examples = [...docs.matchAll(/^```(yaml|json)\n([^]*?)^```$/gm)].map(([, form = "", text = ""], index) => ({
  name: `${index + 1}: ${text
    .split("\n")
    .find((line) => /name|event|order|deposit/.test(line))
    ?.trim()}`,
  form,
  text,
}));

describe("docs/recipes.md", () => {
  const SECRET = "a secret that the app knows";

  it.each(examples)("example $name passes with an app that verifies signatures", async ({ form, text }) => {
    const app = await startApp(({ rawHeaders, body }, response) => {
      const headers = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : [],
      );
      const { verdict } = verify({ headers, body, secrets: [SECRET], now: Date.now() });
      response.writeHead(verdict === "verified" ? 200 : 401).end();
    });
    const file = join(tempFolder(), `example.${form}`);
    writeFileSync(file, text);
    const end = await inCi(file, app.url, { BLUUM_WEBHOOK_SECRET: SECRET });
    expect([end.stderr, end.code]).toEqual([expect.not.stringContaining("error"), 0]);
    expect(end.records().at(-1)).toMatchObject({ type: "recipe", ok: true, failed: 0, skipped: 0 });
  });

  it("has an example of every kind of step", () => {
    const kinds = STEP_KINDS.map(({ kind }) => kind).filter((kind) => !new RegExp(`^- ${kind}:`, "m").test(docs));
    expect(kinds).toEqual([]);
  });
});

it("--show prints a recipe that comes with the program as it is, and --dry-run checks it and sends nothing", async () => {
  const app = await startApp();
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  for (const recipe of recipes) {
    const shown = await runCli(["trigger", "recipe", recipe, "--show"], env);
    expect(shown.stdout).toBe(readFileSync(new URL(`../../recipes/${recipe}.yaml`, import.meta.url), "utf8"));
    const file = join(tempFolder(), "mine.yaml");
    writeFileSync(file, shown.stdout);
    // Without credentials, a secret, a listener or an API.
    const checked = await runCli(["trigger", "recipe", file, "--dry-run", "--to", app.url, "--json"], env);
    expect([checked.stderr, checked.code]).toEqual(["", 0]);
    expect(JSON.parse(checked.stdout)).toMatchObject({ steps: expect.any(Array) as unknown[] });
  }
  expect(app.requests).toEqual([]);
  const faulty = join(tempFolder(), "faulty.yaml");
  writeFileSync(faulty, "- order: { qty: 1E5 }\n- wait: nobody\n");
  const end = await runCli(["trigger", "recipe", faulty, "--dry-run", "--json"], env);
  expect([end.code, end.error().code]).toEqual([2, "recipe_invalid"]);
  expect(end.error().message.split("\n")).toHaveLength(2);
});
