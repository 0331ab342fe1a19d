import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import { resolveSettings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import { commandIn, commandLine, shellWord } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { SCHEMES } from "../../core/signature.ts";
import { renderConclusion } from "../../output/reports/check-results.ts";
import { clean } from "../../output/privacy/clean.ts";
import { renderDiff } from "../../output/reports/diff.ts";
import { wrap } from "../../output/text.ts";
import { isUnsigned } from "../../features/promotion/examine-endpoint.ts";
import { planPromotion, type PromotionDeps } from "../../features/promotion/promotion-plan.ts";
import { countRefused, explainRetries } from "../../features/promotion/late-retries.ts";
import { openApi } from "../../features/login/open-api.ts";
import { PROMOTED_DESCRIPTION } from "../../features/promotion/promote-webhook.ts";
import { checkProductionAddress, checkProductionUrl } from "../../features/promotion/production-url.ts";
import { unknownEvents } from "../../features/webhooks/setting-warnings.ts";
import type { CommandDeps } from "../shared/command.ts";
import { description, eventList, filePath, headerName, lineOfText } from "../shared/parse.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";
import { checkCommand, examine, lookUp } from "./pre-check.ts";
import type { PromoteFlags } from "./flags.ts";
import { runRollback } from "./rollback.ts";
import { DEPLOYED_EXAMPLE } from "../../core/defaults.ts";

const HELP = {
  details: `Shows the changes, checks that the endpoint is ready, asks for confirmation, updates the webhook and reads it back. The URL must be HTTPS; private addresses and tunnels are refused. If production has no webhook yet, one is created, and its signing secret is shown once.`,
  examples: `  $ bluum-hooks promote ${DEPLOYED_EXAMPLE} --dry-run
  $ bluum-hooks promote ${DEPLOYED_EXAMPLE} --env production
  $ bluum-hooks promote --rollback --env production`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .argument("[url]", "HTTPS URL of your deployed endpoint")
    .option(
      "--description <text>",
      `description of the webhook (default in production: ${PROMOTED_DESCRIPTION})`,
      description,
    )
    .option("--events <names>", "event names or patterns, comma-separated (default: unchanged)", eventList)
    .option("--name <name>", "name of the webhook (default: unchanged, or that of the sandbox webhook)", lineOfText)
    .option("--new", "create a new webhook instead of updating one")
    .option("--dry-run", "show the changes without making them")
    .option("--skip-checks", "do not check the endpoint and its certificate")
    .option("--ca <file>", "trust the certificate authorities in this PEM file too", filePath)
    .addOption(
      new Option("--scheme <name>", "signature scheme (default: that of the last verified delivery)").choices(SCHEMES),
    )
    .option("--signature-header <name>", "signature header, for other schemes", headerName)
    .option("--rollback", "undo the last promotion from this machine")
    .action(async (url: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<PromoteFlags>();
      const inEnvironment = (words: string) => commandIn(flags.env ?? "sandbox", words);
      if (flags.rollback === true) {
        if (url === undefined) return runRollback(flags, context);
        throw new AppError("invalid_usage", "--rollback does not accept a URL", {
          hint: `Run: ${inEnvironment("promote --rollback")}`,
        });
      }
      if (url === undefined) {
        throw new AppError("invalid_usage", "<url> is missing", {
          hint: `Add the URL of your endpoint: ${inEnvironment(`promote ${DEPLOYED_EXAMPLE}`)}`,
        });
      }
      return runPromote(checkProductionUrl(url), flags, context);
    });
}

async function runPromote(url: URL, flags: PromoteFlags, context: Context): Promise<void> {
  const lookup = await lookUp(url, context);
  checkProductionAddress(url, lookup);
  await using workspace = await openWorkspace(flags, context);
  const { settings } = workspace;
  const { environment } = settings;
  const journal = await workspace.journal();
  await (flags.dryRun === true ? journal.warnOfPending() : journal.recoverPending());
  workspace.warn(...(await unknownEvents(journal.api, flags.events ?? [])));
  const plan = await planPromotion(
    {
      url: url.href,
      description: flags.description ?? (environment === "production" ? PROMOTED_DESCRIPTION : undefined),
      events: flags.events,
      name: flags.name,
      isNew: flags.new === true,
    },
    {
      journal,
      settings,
      sandbox: sandboxOf(workspace, context),
      say: (text) => workspace.say(text),
      warn: (warning) => workspace.warn(warning),
    },
  );
  const { webhookId, before, after } = plan;
  const document = { environment, webhookId, before, after };
  const label = webhookId === null ? "a new webhook" : `${clean(webhookId)} (${clean(before?.name ?? "")})`;
  if (!plan.isChange) {
    return workspace.print({ ...document, action: "none" }, () => `${label} in ${environment} is already promoted.\n`);
  }
  const changes = `${label} in ${environment}:\n${renderDiff(before, after, { color: workspace.color })}`;
  if (flags.dryRun === true) workspace.print({ ...document, action: "dry-run" }, () => `${changes}\n`);
  else workspace.say(changes);
  const isLive = environment === "production";
  if (!isLive) {
    const live = commandIn("production", `promote ${shellWord(url.href)}`);
    workspace.say(`This webhook delivers events of the ${environment}. To receive production events: ${live}`);
  }
  if (flags.dryRun === true) return workspace.say("Nothing was changed. Run the command again without --dry-run.");

  const checks =
    flags.skipChecks === true ? undefined : await examine(url, lookup, plan, { flags, context, workspace });
  if (checks?.passed === false) {
    // `check` uses the last used webhook by default.
    const isDefault = flags.webhook === undefined && webhookId === settings.webhookId;
    const named = webhookId === null || isDefault ? undefined : webhookId;
    workspace.print({ ...document, action: "refused", checks }, () => `\n${renderConclusion(checks, workspace.style)}`);
    throw new AppError("check_failed", `${url.href} is not ready for production. Nothing was changed`, {
      hint: `Fix the failed checks, or skip them with --skip-checks. Run them again with: ${checkCommand(url, flags, settings, named)}`,
    });
  }
  if (checks !== undefined) workspace.say(`\n${renderConclusion(checks, workspace.style).trimEnd()}`);
  const but = webhookId !== null && checks !== undefined && isUnsigned(checks) ? " without testing a signed event" : "";
  await workspace.agree(
    webhookId === null
      ? `Create this webhook in ${environment}?`
      : `Promote ${webhookId} in ${environment}${isLive ? "" : " (not production)"}${but}?`,
  );
  const done = await plan.carryOut();
  const isNew = webhookId === null;
  const secret = isNew && done.secret !== undefined ? { secret: done.secret } : {};
  workspace.print(
    {
      ...document,
      webhookId: done.webhookId,
      action: isNew ? "created" : "promoted",
      ...secret,
      ...(checks === undefined ? {} : { checks }),
    },
    () =>
      `${clean(done.webhookId)} now delivers to ${url.href}\n${"secret" in secret ? `secret ${clean(secret.secret)}\n` : ""}`,
    secret.secret,
  );
  const advice = isNew
    ? aboutSecret(workspace, done.secret)
    : explainRetries(environment, await countRefused(await workspace.store(), environment, context.clock.now()));
  workspace.say(wrap(advice, ADVICE_COLUMNS).join("\n"));
  if (isNew) {
    // It is now the last used webhook, unless a variable names another.
    const named = settings.askedWebhookId === undefined ? undefined : done.webhookId;
    workspace.say(`Then check that it accepts signed events: ${checkCommand(url, flags, settings, named)}`);
  }
  workspace.say(`Undo with: ${commandLine("promote --rollback", settings)}`);
}

/** The variables of this run belong to production, so only saved credentials are sent to the sandbox. */
function sandboxOf({ config, env }: Workspace, context: Context): PromotionDeps["sandbox"] {
  const { webhookId, webhooks } = config.profile("sandbox");
  const settings = resolveSettings({
    flags: { env: "sandbox", baseUrl: webhookId === undefined ? undefined : webhooks[webhookId]?.baseUrl },
    env: {},
    profile: (environment) => config.profile(environment),
  });
  return {
    baseUrl: settings.baseUrl,
    open: async () => ("missing" in settings.credentials ? undefined : openApi(context, settings, { env })),
  };
}

const ADVICE_COLUMNS = 79;

function aboutSecret(workspace: Workspace, secret: string | undefined): string {
  if (secret === undefined) {
    return "The API did not return the signing secret. Copy it from Bluum's dashboard to your app.";
  }
  return (
    "This secret is shown only once. Add it to your app: until then your app rejects deliveries, and Bluum retries them " +
    `for about ten hours. A copy is saved in ${workspace.config.path}`
  );
}
