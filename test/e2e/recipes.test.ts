import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { STEP_KINDS } from "../../src/features/recipes/steps/index.ts";
import { startApp } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { RECIPE_EXAMPLES, RECIPES, recipeInCi } from "../support/recipe.ts";
import { tempFolder } from "../support/temp.ts";

// recipes.slow.test.ts runs every bundled recipe, and every example of the documentation.
describe("a bundled recipe", () => {
  it("passes with a correct app", async () => {
    const app = await startApp();
    const end = await recipeInCi("fund-then-buy", app.url);
    expect([end.stderr.match(/Warning.*/)?.[0], end.code]).toEqual([undefined, 0]);
    expect(end.records().at(-1)).toMatchObject({ type: "recipe", ok: true, failed: 0, skipped: 0 });
    expect(app.requests.length).toBeGreaterThan(0);
  });

  it("duplicate-storm fails with an app that crashes", async () => {
    const app = await startApp((_request, response) => void response.writeHead(500).end());
    const end = await recipeInCi("duplicate-storm", app.url);
    expect([end.code, end.records().at(-1)]).toMatchObject([6, { ok: false, failed: 1 }]);
  });
});

it("docs/recipes.md has an example of every kind of step", () => {
  const texts = RECIPE_EXAMPLES.map(({ text }) => text).join("\n");
  const kinds = STEP_KINDS.map(({ kind }) => kind).filter((kind) => !new RegExp(`^- ${kind}:`, "m").test(texts));
  expect(kinds).toEqual([]);
});

it.each(RECIPE_EXAMPLES)("docs/recipes.md: example $name is a recipe", async ({ form, text }) => {
  const file = join(tempFolder(), `example.${form}`);
  writeFileSync(file, text);
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  const { code, stderr } = await runInProcess(["trigger", "recipe", file, "--dry-run", "--to", "3000"], env);
  expect([stderr, code]).toEqual([expect.not.stringContaining("error"), 0]);
});

it("--show prints a bundled recipe unchanged, and --dry-run validates it and sends nothing", async () => {
  const app = await startApp();
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  for (const recipe of RECIPES) {
    const shown = await runInProcess(["trigger", "recipe", recipe, "--show"], env);
    expect(shown.stdout).toBe(readFileSync(new URL(`../../recipes/${recipe}.yaml`, import.meta.url), "utf8"));
    const file = join(tempFolder(), "mine.yaml");
    writeFileSync(file, shown.stdout);
    // Without credentials, a secret, a listener or an API.
    const checked = await runInProcess(["trigger", "recipe", file, "--dry-run", "--to", app.url, "--json"], env);
    expect([checked.stderr, checked.code]).toEqual(["", 0]);
    expect(JSON.parse(checked.stdout)).toMatchObject({ steps: expect.any(Array) as unknown[] });
  }
  expect(app.requests).toEqual([]);
  const faulty = join(tempFolder(), "faulty.yaml");
  writeFileSync(faulty, "- order: { qty: 1E5 }\n- wait: nobody\n");
  const end = await runInProcess(["trigger", "recipe", faulty, "--dry-run", "--json"], env);
  expect([end.code, end.error?.code]).toEqual([2, "recipe_invalid"]);
  expect(end.error?.message.split("\n")).toHaveLength(2);
});
