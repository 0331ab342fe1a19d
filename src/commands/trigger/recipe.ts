import type { Command } from "commander";
import type { GlobalFlags } from "../../cli.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { stepLine, stepRecord } from "../../output/recipe.ts";
import { table } from "../../output/table.ts";
import { requireListener } from "../../session/listen/listeners.ts";
import type { Recipe } from "../../session/recipe/recipe.ts";
import type { RecipeEnd } from "../../session/recipe/run.ts";
import { withEmulatorHint } from "../emulator-hint.ts";
import { readBytes } from "../input.ts";
import { appUrl } from "../parse.ts";
import { warnOfUnknownEvents } from "../unknown-events.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { endpointUrl } from "../values.ts";

interface RecipeFlags extends GlobalFlags {
  readonly list?: boolean;
  readonly to?: ReturnType<typeof appUrl>;
  readonly keepGoing?: boolean;
  readonly insecure?: boolean;
}

/** `trigger recipe` */
export function defineRecipe(parent: Command, context: Context): void {
  parent
    .command("recipe")
    .description("run a list of steps from a YAML or JSON file, and check what comes of them")
    .argument("[file]", "a file, - for standard input, or a recipe that comes with bluum-hooks")
    .option("--list", "list the recipes that come with bluum-hooks")
    .option("--to <url>", "where steps of the kind event send (default: the listener that runs here)", appUrl)
    .option("--keep-going", "after a failure run what does not depend on it")
    .option("--insecure", "take any certificate")
    .addHelpText("after", HELP)
    .action(async (file: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<RecipeFlags>();
      if (flags.list === true) return list(flags, context);
      if (file !== undefined) return withEmulatorHint(flags, context, () => runFile(file, flags, context));
      throw new AppError("invalid_usage", "no recipe is named", {
        hint: "Name a file, or one of: bluum-hooks trigger recipe --list",
      });
    });
}

const HELP = `
A recipe is a list of steps, or an object with name, description and steps. The
whole file is checked before anything is sent. Steps, with their fields:

  order       symbol side type qty notional tif limit-price stop-price
              trail-price trail-percent extended-hours client-order-id
  deposit     amount currency method funding-source plaid-item plaid-account
  withdrawal  the same
  event       name data set copies at-once manner scheme signature-header
              generation timeout; manner is signed, unsigned, bad-signature,
              stale or tampered
  wait        for events timeout: until these events of an earlier step have
              arrived at the listener
  expect      of events, and what shall hold: status within deliveries distinct
              duplicates verdict; timeout (5s) to become so
  sleep       a time

"as: buy" names what a step made; "for: buy", "of: buy" and, in any text,
\${buy.id} or \${buy.status} refer to it (of an event: \${x.id}, \${x.event}).
"status" is what the app answered to the event that a step sent, else to the
deliveries that listen --forward-to handed on.

Ends with 0 if every step held, 6 if an expectation did not, 5 if a wait ran out
of time, else as the failure does. The first failure ends the run, unless
--keep-going.

Examples:
  $ bluum-hooks trigger recipe --list
  $ bluum-hooks trigger recipe fund-then-buy
  $ bluum-hooks exec --forward-to 3000 -- bluum-hooks trigger recipe mine.yaml
`;

async function list(flags: RecipeFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { listRecipes } = await import("../../session/recipe/library.ts");
  const recipes = await listRecipes(context.recipesFolder);
  const rows = recipes.map(({ name, description }) => [name, description]);
  workspace.print(recipes, () => table(["NAME", "WHAT"], rows, workspace.style));
}

async function runFile(file: string, flags: RecipeFlags, context: Context): Promise<void> {
  const [{ findRecipe }, { readRecipe, recipeMovesMoney }, { runRecipe }, { createPoster }] = await Promise.all([
    import("../../session/recipe/library.ts"),
    import("../../session/recipe/recipe.ts"),
    import("../../session/recipe/run.ts"),
    import("../../platform/post.ts"),
  ]);
  const { path, text } =
    file === "-"
      ? { path: "stdin", text: (await readBytes(file, context)).toString("utf8") }
      : await findRecipe(file, context.recipesFolder);
  await using workspace = await openWorkspace(flags, context, { movesMoney: recipeMovesMoney(text) });
  const { settings } = workspace;
  const recipe = readRecipe(path, text, settings);
  // A name with a reference in it is not known before the run.
  const events = recipe.steps.flatMap((step) => step.events).filter((name) => !name.includes("${"));
  await warnOfUnknownEvents([...new Set(events)], workspace);
  await checkNeeds(recipe, flags, workspace);

  await using poster = createPoster({ insecure: flags.insecure === true });
  workspace.say(recipe.name);
  const end = await runRecipe(
    recipe,
    { keepGoing: flags.keepGoing === true },
    {
      settings,
      api: () => workspace.api(),
      store: () => workspace.store(),
      poster,
      target: async () =>
        flags.to === undefined ? (await requireListener(await workspace.store(), settings)).url : endpointUrl(flags.to),
      clock: context.clock,
      waits: context.waits,
      signal: context.signal,
    },
    (report) => workspace.print(stepRecord(report), () => stepLine(report, workspace.style)),
  );
  finish(recipe, end, workspace, context);
}

/** What would only be missed half-way through. */
async function checkNeeds(recipe: Recipe, flags: RecipeFlags, workspace: Workspace): Promise<void> {
  const needs = new Set(recipe.steps.flatMap((step) => step.needs));
  if (needs.has("listener") || (needs.has("target") && flags.to === undefined)) {
    await requireListener(await workspace.store(), workspace.settings);
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
  throw new AppError(
    error.code,
    `${recipe.path}:${step.line}: step ${step.number} (${step.kind} ${step.label}): ${error.message}`,
    {
      hint: error.hint,
      status: error.status,
      vendorCode: error.vendorCode,
      requestId: error.requestId,
      cause: error,
    },
  );
}
