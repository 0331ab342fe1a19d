import { Option, type Command } from "commander";
import { resolveSettings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import { commandIn, commandLine } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { shellWord } from "../../core/shell-word.ts";
import { SCHEMES } from "../../core/signature.ts";
import { renderReport } from "../../output/reports/check-results.ts";
import { clean } from "../../output/privacy/clean.ts";
import { renderDiff } from "../../output/reports/diff.ts";
import { wrap } from "../../output/text.ts";
import { isUnsigned } from "../../features/promotion/examine-endpoint.ts";
import { planPromotion, type PromotionDeps } from "../../features/promotion/promotion-plan.ts";
import { countRefused, explainRetries } from "../../features/promotion/late-retries.ts";
import { openApi } from "../../features/login/open-api.ts";
import { PROMOTED_DESCRIPTION } from "../../features/promotion/promote-webhook.ts";
import { checkProductionAddress, checkProductionUrl } from "../../features/promotion/production-url.ts";
import { unknownEvents } from "../../features/webhooks/unknown-events.ts";
import type { CommandDeps } from "../shared/command.ts";
import { description, eventList, filePath, headerName, lineOfText } from "../shared/parse.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";
import { agree } from "./agreed.ts";
import { checkCommand, examine, lookUp } from "./pre-check.ts";
import type { PromoteFlags } from "./flags.ts";
import { runRollback } from "./rollback.ts";

export function define(command: Command, { context }: CommandDeps): void {
  command
    .argument("[url]", "the HTTPS URL of your deployed endpoint")
    .option(
      "--description <text>",
      `description of the webhook (default in production: ${PROMOTED_DESCRIPTION}; elsewhere: as it is)`,
      description,
    )
    .option("--events <names>", "event names or patterns (default: as they are)", eventList)
    .option("--name <name>", "name of the webhook (default: as it is; for a new one, the sandbox's)", lineOfText)
    .option("--new", "create a webhook, whatever exists")
    .option("--dry-run", "show the difference, change nothing")
    .option("--skip-checks", "check neither the certificate nor how the endpoint answers")
    .option("--ca <file>", "further certificate authorities to trust, as PEM", filePath)
    .addOption(new Option("--scheme <name>", "how Bluum signs (default: as seen here)").choices(SCHEMES))
    .option("--signature-header <name>", "header of the signature, for schemes with one header", headerName)
    .option("--rollback", "undo the last promotion made from this machine")
    .addHelpText(
      "after",
      `
Shows what changes, checks that the endpoint is ready, asks, changes the webhook
and reads it back. A URL that is not HTTPS, a private address, or a tunnel is
always refused. Where production has no webhook yet, one is created, and its
secret is shown once.

Examples:
  $ bluum-hooks promote https://app.example/webhooks/bluum --dry-run
  $ bluum-hooks promote https://app.example/webhooks/bluum --env production
  $ bluum-hooks promote --rollback --env production
`,
    )
    .action(async (url: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<PromoteFlags>();
      const inPlace = (words: string) => commandIn(flags.env ?? "sandbox", words);
      if (flags.rollback === true) {
        if (url === undefined) return runRollback(flags, context);
        throw new AppError("invalid_usage", "--rollback accepts no URL: it restores what was there before", {
          hint: inPlace("promote --rollback"),
        });
      }
      if (url === undefined) {
        throw new AppError("invalid_usage", "promote needs the URL of your endpoint", {
          hint: inPlace("promote https://app.example/webhooks/bluum"),
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
  for (const { code, message, hint } of await unknownEvents(journal.api, flags.events ?? [])) {
    workspace.warn(code, message, hint);
  }
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
      warn: (code, message) => workspace.warn(code, message),
    },
  );
  const { webhookId, before, after } = plan;
  const document = { environment, webhookId, before, after };
  const label = webhookId === null ? "a new webhook" : `${clean(webhookId)} (${clean(before?.name ?? "")})`;
  if (!plan.isChange) {
    return workspace.print({ ...document, action: "none" }, () => `${label} in ${environment} is promoted already.\n`);
  }
  workspace.say(`${label} in ${environment}:`);
  workspace.say(renderDiff(before, after, { color: workspace.color }));
  const isLive = environment === "production";
  if (!isLive) {
    const live = commandIn("production", `promote ${shellWord(url.href)}`);
    workspace.say(`This webhook delivers events of the ${environment}, none of production. For production: ${live}`);
  }
  if (flags.dryRun === true) return workspace.print({ ...document, action: "dry-run" }, () => "");

  const checks =
    flags.skipChecks === true ? undefined : await examine(url, lookup, plan, { flags, context, workspace });
  if (checks?.passed === false) {
    // Without a flag, a check uses the webhook that was used last.
    const isDefault = flags.webhook === undefined && webhookId === settings.webhookId;
    const named = webhookId === null || isDefault ? undefined : webhookId;
    workspace.print({ ...document, action: "refused", checks }, () => renderReport(checks, workspace.style));
    throw new AppError("check_failed", `${url.href} is not ready for production, and nothing was changed`, {
      hint: `Fix what failed, or continue anyway with --skip-checks. See it again with: ${checkCommand(url, flags, settings, named)}`,
    });
  }
  if (checks !== undefined) workspace.say(renderReport(checks, workspace.style).trimEnd());
  const but =
    webhookId !== null && checks !== undefined && isUnsigned(checks) ? ", although no signed event was tried" : "";
  await agree(
    workspace,
    webhookId === null
      ? `Create this webhook in ${environment}?`
      : `Promote ${webhookId} in ${environment}${isLive ? "" : ", not in production"}${but}?`,
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
    // It is the one that was used last now, unless a variable names another.
    const named = settings.askedWebhookId === undefined ? undefined : done.webhookId;
    workspace.say(`Then check that it accepts signed events: ${checkCommand(url, flags, settings, named)}`);
  }
  workspace.say(`Undo with: ${commandLine("promote --rollback", settings)}`);
}

/** The variables of this run are production's: only what is stored for the sandbox may be sent there. */
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

/** Prose is wrapped, for a terminal of the usual width. */
const ADVICE_COLUMNS = 79;

function aboutSecret(workspace: Workspace, secret: string | undefined): string {
  if (secret === undefined) {
    return "The API did not show the webhook's secret: copy it from Bluum's dashboard into your app.";
  }
  return (
    "This secret is shown this once. Put it into your app: until then the app has to refuse what comes, and Bluum tries " +
    `again for about ten hours. For this machine's checks it is kept in ${workspace.config.path}`
  );
}
