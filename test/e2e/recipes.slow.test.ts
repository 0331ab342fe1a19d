import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verify } from "../../src/core/signature.ts";
import { startApp } from "../support/app.ts";
import { RECIPE_EXAMPLES, RECIPES, recipeInCi } from "../support/recipe.ts";
import { tempFolder } from "../support/temp.ts";

describe("a bundled recipe", () => {
  it.each(RECIPES)("%s passes with a correct app", async (recipe) => {
    const app = await startApp();
    const end = await recipeInCi(recipe, app.url);
    expect([end.stderr.match(/Warning.*/)?.[0], end.code]).toEqual([undefined, 0]);
    expect(end.records().at(-1)).toMatchObject({ type: "recipe", ok: true, failed: 0, skipped: 0 });
    expect(app.requests.length).toBeGreaterThan(0);
  });
});

describe("docs/recipes.md", () => {
  const SECRET = "a secret that the app knows";

  it.each(RECIPE_EXAMPLES)("example $name passes with an app that verifies signatures", async ({ form, text }) => {
    const app = await startApp(({ rawHeaders, body }, response) => {
      const headers = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : [],
      );
      const { verdict } = verify({ headers, body, secrets: [SECRET], now: Date.now() });
      response.writeHead(verdict === "verified" ? 200 : 401).end();
    });
    const file = join(tempFolder(), `example.${form}`);
    writeFileSync(file, text);
    const end = await recipeInCi(file, app.url, { BLUUM_WEBHOOK_SECRET: SECRET });
    expect([end.stderr, end.code]).toEqual([expect.not.stringContaining("error"), 0]);
    expect(end.records().at(-1)).toMatchObject({ type: "recipe", ok: true, failed: 0, skipped: 0 });
  });
});
