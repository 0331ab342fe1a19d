import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BIN, runCli } from "./cli.ts";
import { startSandbox } from "./sandbox.ts";
import { tempFolder } from "./temp.ts";

/** The names of the bundled recipes. */
export const RECIPES = readdirSync(fileURLToPath(new URL("../../recipes", import.meta.url)))
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

const docs = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");

/** The recipes in docs/recipes.md. */
export const RECIPE_EXAMPLES = [...docs.matchAll(/^```(yaml|json)\n([^]*?)^```$/gm)].map(
  ([, form = "", text = ""], index) => ({
    name: `${index + 1}: ${text
      .split("\n")
      .find((line) => /name|event|order|deposit/.test(line))
      ?.trim()}`,
    form,
    text,
  }),
);

async function freeEmulatorUrl(): Promise<string> {
  const { emulator } = await startSandbox();
  await emulator[Symbol.asyncDispose]();
  return emulator.baseUrl;
}

/** Runs a recipe as in a user's CI: with an emulator, a listener and the app, while the recipe runs. */
export async function recipeInCi(recipe: string, appUrl: string, env: Readonly<Record<string, string>> = {}) {
  const exec = ["exec", "--base-url", await freeEmulatorUrl(), "--forward-to", appUrl, "--"];
  return runCli([...exec, process.execPath, BIN, "trigger", "recipe", recipe, "--json"], {
    BLUUM_HOOKS_HOME: tempFolder(),
    ...env,
  });
}
