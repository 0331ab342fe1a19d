import type { Command } from "commander";
import type { GlobalFlags } from "../cli.ts";
import type { Context } from "../context.ts";
import { AppError } from "../core/errors.ts";
import { clean } from "../output/clean.ts";
import { renderDiff } from "../output/diff.ts";
import {
  checkProductionUrl,
  planPromotion,
  planRollback,
  promote,
  PROMOTED_DESCRIPTION,
  rollBack,
} from "../session/promote.ts";
import type { CommandDeps } from "./command.ts";
import { nameList } from "./parse.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

interface PromoteFlags extends GlobalFlags {
  readonly description: string;
  readonly events?: readonly string[];
  readonly dryRun?: boolean;
  readonly skipChecks?: boolean;
  readonly rollback?: boolean;
}

export function define(command: Command, { context }: CommandDeps): void {
  command
    .argument("[url]", "the HTTPS URL of your deployed endpoint")
    .option("--description <text>", "description of the webhook", PROMOTED_DESCRIPTION)
    .option("--events <names>", "event names or patterns (default: as they are)", nameList)
    .option("--dry-run", "show the difference, change nothing")
    .option("--skip-checks", "do not check the endpoint first")
    .option("--rollback", "undo the last promotion made from this machine")
    .addHelpText(
      "after",
      `
Examples:
  $ bluum-hooks promote https://app.example/webhooks/bluum --dry-run
  $ bluum-hooks promote https://app.example/webhooks/bluum --env production
  $ bluum-hooks promote --rollback
`,
    )
    .action(async (url: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<PromoteFlags>();
      if (flags.rollback === true) return runRollback(flags, context);
      if (url === undefined) {
        throw new AppError("invalid_usage", "promote needs the URL of your endpoint", {
          hint: "bluum-hooks promote https://app.example/webhooks/bluum",
        });
      }
      return runPromote(checkProductionUrl(url), flags, context);
    });
}

async function runPromote(url: URL, flags: PromoteFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const desk = await workspace.webhookDesk();
  const promotion = {
    webhookId: webhookIdOf(workspace),
    url: url.href,
    description: flags.description,
    events: flags.events,
  };
  const plan = await planPromotion(desk.api, promotion);
  const document = { webhookId: promotion.webhookId, before: plan.before, after: plan.after };
  if (!plan.isChange) {
    return workspace.print(
      { ...document, action: "none" },
      () => `${clean(promotion.webhookId)} is promoted already.\n`,
    );
  }
  workspace.say(
    `${clean(promotion.webhookId)} (${clean(plan.before.name ?? "")}) in ${workspace.settings.environment}:`,
  );
  workspace.say(renderDiff(plan.before, plan.after, { color: workspace.color }));
  if (flags.dryRun === true) return workspace.print({ ...document, action: "dry-run" }, () => "");
  await agree(workspace, `Promote ${promotion.webhookId} in ${workspace.settings.environment}?`);
  await promote(desk, promotion);
  workspace.print(
    { ...document, action: "promoted" },
    () => `${clean(promotion.webhookId)} now delivers to ${url.href}. Undo with: bluum-hooks promote --rollback\n`,
  );
}

async function runRollback(flags: PromoteFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { environment, baseUrl, askedWebhookId } = workspace.settings;
  const desk = await workspace.webhookDesk();
  const rollback = await planRollback(desk.api, desk.store, { environment, baseUrl, webhookId: askedWebhookId });
  const { webhookId, before, after } = rollback.change;
  const document = { webhookId, before: after, after: before };
  workspace.say(`${clean(webhookId)} in ${environment}:`);
  workspace.say(renderDiff(after, before, { color: workspace.color }));
  if (flags.dryRun === true) return workspace.print({ ...document, action: "dry-run" }, () => "");
  await agree(workspace, `Roll back ${webhookId} in ${environment}?`);
  await rollBack(desk, rollback);
  workspace.print(
    { ...document, action: "rolled-back" },
    () => `${clean(webhookId)} delivers to ${clean(before.url)} again.\n`,
  );
}

function webhookIdOf({ settings }: Workspace): string {
  if (settings.webhookId !== undefined) return settings.webhookId;
  throw new AppError("webhook_not_found", `no webhook of ${settings.environment} is known on this machine`, {
    hint: "Name one with --webhook ID (see bluum-hooks webhooks list), or create it with bluum-hooks register URL.",
  });
}

async function agree(workspace: Workspace, question: string): Promise<void> {
  if (await workspace.confirm(question)) return;
  throw new AppError("confirmation_required", "nothing was changed", { hint: "Answer yes, or add --yes." });
}
