import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import type { Settings } from "../../config/settings.ts";
import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import { planDocument, planText, stepLine, stepRecord } from "../../output/live/recipe-lines.ts";
import { table } from "../../output/reports/table.ts";
import { requireListener } from "../../features/listen/listeners.ts";
import type { Recipe } from "../../features/recipes/parse-recipe.ts";
import type { RecipeEnd } from "../../features/recipes/run.ts";
import { withEmulatorHint } from "../shared/emulator-hint.ts";
import { appUrl } from "../shared/parse.ts";
import { warnOfClosedMarket, warnOfUnknownEvents } from "../shared/warnings.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";
import { endpointUrl, readBytes } from "../shared/values.ts";

interface RecipeFlags extends GlobalFlags {
  readonly list?: boolean;
  readonly show?: boolean;
  readonly dryRun?: boolean;
  readonly to?: ReturnType<typeof appUrl>;
  readonly keepGoing?: boolean;
  readonly insecure?: boolean;
}

const HELP = {
  details: `A recipe is a list of steps, or an object with name, description and steps. The whole file is validated before anything is sent. Steps and their fields:

  order       symbol side type qty notional tif limit-price stop-price
              trail-price trail-percent extended-hours client-order-id
              wallet-currency
  cancel      order (an ID, such as \${buy.id})
  deposit     amount currency method funding-source plaid-item plaid-account
  withdrawal  the same fields as deposit
  event       name data set copies at-once signature scheme signature-header
              generation payload timeout; signature is signed, unsigned,
              bad-signature, stale or tampered
  wait        for (a step), events, timeout
  expect      of (a step), events, timeout (default 5s), and one or more of
              status within deliveries distinct duplicates verdict
  sleep       a time, such as 2s

"as: buy" names the result of a step. Other steps use it with "for: buy", "of: buy" and, in any text, \${buy.id} and \${buy.status} (for an event step: \${x.id} and \${x.event}). "status" is the response of your app to the event that the step sent, or to the deliveries that listen forwarded.

The first failure ends the run, unless --keep-going is set. Exits with 0 if every step passed, 6 if an expectation failed, 5 if a wait timed out, and otherwise with the code of the failure. See docs/recipes.md.`,
  examples: `  $ bluum-hooks trigger recipe --list
  $ bluum-hooks trigger recipe fund-then-buy
  $ bluum-hooks trigger recipe fund-then-buy --show > mine.yaml
  $ bluum-hooks trigger recipe mine.yaml --dry-run
  $ bluum-hooks exec --forward-to 3000 -- bluum-hooks trigger recipe mine.yaml`,
};

/** `trigger recipe` */
export function defineRecipe(parent: Command, context: Context): void {
  addHelp(parent.command("recipe").description("run a recipe: steps and expectations in a YAML or JSON file"), HELP)
    .argument("[file]", "recipe file, - for standard input, or the name of a bundled recipe")
    .option("--list", "list the bundled recipes")
    .option("--show", "print the recipe, as a start for your own")
    .option("--dry-run", "validate the recipe and list its steps without sending anything")
    .option("--to <url>", "port or URL for event steps (default: the running listener)", appUrl)
    .option("--keep-going", "after a failure, continue with steps that do not depend on it")
    .option("--insecure", "skip TLS certificate verification")
    .action(async (file: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<RecipeFlags>();
      if (flags.list === true) return list(flags, context);
      if (file === undefined) {
        throw new AppError("invalid_usage", "[file] is missing", {
          hint: "Add a file, or a recipe from: bluum-hooks trigger recipe --list",
        });
      }
      if (flags.show === true) return show(file, flags, context);
      if (flags.dryRun === true) return dryRun(file, flags, context);
      return withEmulatorHint(flags, context, () => runFile(file, flags, context));
    });
}

async function list(flags: RecipeFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { listRecipes } = await import("../../features/recipes/library.ts");
  const recipes = await listRecipes(context.recipesFolder);
  const rows = recipes.map(({ name, description }) => [name, description]);
  workspace.print(recipes, () => table(["NAME", "DESCRIPTION"], rows, workspace.style));
}

async function runFile(file: string, flags: RecipeFlags, context: Context): Promise<void> {
  const [{ readRecipe, recipeEvents, recipeMovesMoney }, { runRecipe }, { createPoster }] = await Promise.all([
    import("../../features/recipes/parse-recipe.ts"),
    import("../../features/recipes/run.ts"),
    import("../../platform/post.ts"),
  ]);
  const { path, text } = await readRecipeFile(file, context);
  await using workspace = await openWorkspace(flags, context, { movesMoney: recipeMovesMoney(text) });
  const { settings } = workspace;
  const recipe = readRecipe(path, text, settings);
  await warnOfUnknownEvents(recipeEvents(recipe), workspace);
  await checkNeeds(recipe, flags, workspace);

  await using poster = createPoster({ insecure: flags.insecure === true });
  workspace.say(recipe.name);
  const end = await runRecipe(
    recipe,
    { keepGoing: flags.keepGoing === true },
    {
      settings,
      api: () => workspace.api(),
      store: () => workspace.storeReader(),
      poster,
      target: async () =>
        flags.to === undefined
          ? (await requireListener(await workspace.storeReader(), settings)).url
          : endpointUrl(flags.to, context),
      clock: context.clock,
      waits: context.waits,
      beforeWait: (events) => warnOfClosedMarket(events, workspace),
      signal: context.signal,
    },
    (report) => workspace.print(stepRecord(report), () => stepLine(report, workspace.style)),
  );
  finish(recipe, end, workspace, context);
}

async function readRecipeFile(file: string, context: Context): Promise<{ path: string; text: string }> {
  if (file === "-") return { path: "stdin", text: (await readBytes(file, context)).toString("utf8") };
  const { findRecipe } = await import("../../features/recipes/library.ts");
  return findRecipe(file, context.recipesFolder);
}

async function show(file: string, flags: RecipeFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context, { toleratesFaults: true });
  const { path, text } = await readRecipeFile(file, context);
  workspace.print({ path, text }, () => (text.endsWith("\n") ? text : `${text}\n`));
}

async function dryRun(file: string, flags: RecipeFlags, context: Context): Promise<void> {
  const { readRecipe, recipeEvents } = await import("../../features/recipes/parse-recipe.ts");
  const { path, text } = await readRecipeFile(file, context);
  await using workspace = await openWorkspace(flags, context);
  const recipe = readRecipe(path, text, withStandIns(workspace.settings));
  await warnOfUnknownEvents(recipeEvents(recipe), workspace);
  workspace.print(planDocument(recipe), () => planText(recipe, workspace.style));
}

/** Stand-ins for the owner and the secret, which validating a recipe does not need. */
function withStandIns(settings: Settings): Settings {
  const { owner, webhookSecrets } = settings;
  return {
    ...settings,
    owner: owner ?? { generation: "current", investorId: EMULATOR_ACCESS.investorId },
    webhookSecrets: webhookSecrets.length > 0 ? webhookSecrets : ["placeholder secret"],
  };
}

/** Fails early if a later step would lack something. */
async function checkNeeds(recipe: Recipe, flags: RecipeFlags, workspace: Workspace): Promise<void> {
  const needs = new Set(recipe.steps.flatMap((step) => step.needs));
  if (needs.has("listener") || (needs.has("target") && flags.to === undefined)) {
    await requireListener(await workspace.storeReader(), workspace.settings);
  }
}

function finish(recipe: Recipe, end: RecipeEnd, workspace: Workspace, { clock }: Context): void {
  const { passed, failed, skipped, failure } = end;
  const ok = failure === undefined;
  const document = {
    type: "recipe",
    at: new Date(clock.now()).toISOString(),
    name: recipe.name,
    ok,
    passed,
    failed,
    skipped,
  };
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} not run`] : []),
  ];
  workspace.print(document, () => `  ${counts.join(", ")}\n`);
  if (failure === undefined) return;
  const { step, error } = failure;
  throw error.with({
    message: `${recipe.path}:${step.line}: step ${step.number} (${step.kind} ${step.label}): ${error.message}`,
    cause: error,
  });
}
