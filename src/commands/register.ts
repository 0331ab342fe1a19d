import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import { DELIVERY_PATH } from "../core/defaults.ts";
import { clean } from "../output/privacy/clean.ts";
import { renderDiff } from "../output/reports/diff.ts";
import { carryOut, planRegistration } from "../features/webhooks/register-webhook.ts";
import { unknownEvents, unprovenEvents, checkDeliveryUrl } from "../features/webhooks/setting-warnings.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { description, eventList, httpUrl, lineOfText } from "./shared/parse.ts";
import { withProjectOptions } from "./shared/project-options.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

interface RegisterFlags extends GlobalFlags {
  readonly events?: readonly string[];
  readonly name?: string;
  readonly description?: string;
  readonly new?: boolean;
  readonly dryRun?: boolean;
  readonly printSecret?: boolean;
}

const HELP = {
  details: `Creates a webhook, or updates the existing one. The webhook is found by --webhook, then by its name, then by its URL. A second run changes nothing.`,
  examples: `  $ bluum-hooks register https://staging.example${DELIVERY_PATH}
  $ bluum-hooks register --webhook wh_1 --events 'order.*' --dry-run`,
};

export function define(command: Command, { context }: CommandDeps): void {
  withProjectOptions(addHelp(command, HELP), context, ["events"])
    .argument("[url]", "URL that receives the deliveries", httpUrl)
    .option("--events <names>", "event names or patterns, comma-separated", eventList)
    .option("--name <name>", "name of the webhook, used to find it again", lineOfText)
    .option("--description <text>", "description of the webhook", description)
    .option("--new", "create a new webhook instead of updating one")
    .option("--dry-run", "show the changes without making them")
    .option("--print-secret", "print the signing secret of a new webhook")
    .action(inWorkspace(context, runRegister));
}

async function runRegister(workspace: Workspace, url: string | undefined, flags: RegisterFlags): Promise<void> {
  const { settings } = workspace;
  const insecure = url === undefined ? undefined : checkDeliveryUrl(url, settings.environment);
  if (insecure !== undefined) workspace.warn(insecure);
  const journal = await workspace.journal();
  await (flags.dryRun === true ? journal.warnOfPending() : journal.recoverPending());
  workspace.warn(...(await unknownEvents(journal.api, flags.events ?? [])));
  const plan = await planRegistration(journal, {
    url,
    events: flags.events,
    name: flags.name,
    marker: `bluum-hooks ${workspace.context.whoami}`,
    description: flags.description,
    askedId: settings.askedWebhookId,
    isNew: flags.new === true,
  });
  const action = plan.webhook === null ? "created" : plan.isChange ? "patched" : "none";
  const document = { webhookId: plan.webhook?.id ?? null, action, before: plan.before, after: plan.after };
  if (!plan.isChange) return workspace.print(document, () => `${clean(plan.webhook?.id ?? "")} is up to date.\n`);
  workspace.say(
    plan.webhook === null ? "a new webhook:" : `${clean(plan.webhook.id)} (${clean(plan.webhook.name ?? "")}):`,
  );
  workspace.say(renderDiff(plan.before, plan.after, { color: workspace.color }));
  if (plan.namesakes.length > 0) {
    workspace.warn({
      code: "same_name",
      message: `${plan.namesakes.join(", ")} has the same name, "${plan.after.name}", and is not changed`,
      hint: `Choose another name with --name, or delete one with: ${commandLine("webhooks delete ID", settings)}`,
    });
  }
  if (flags.dryRun === true) return workspace.print({ ...document, dryRun: true }, () => "");
  if (plan.risk !== undefined) {
    await workspace.agree(`Change webhook ${plan.webhook?.id} in ${settings.environment}? Note: ${plan.risk}.`, {
      hint: "Name the webhook with --webhook ID, or create one with --new.",
    });
  }
  const done = await carryOut(journal, plan);
  const { webhook, warning } = done;
  if (warning !== undefined) workspace.warn({ code: "description_kept", message: warning });
  workspace.warn(...unprovenEvents(webhook, plan.webhook === null ? undefined : flags.events));
  const secret = flags.printSecret === true && done.secret !== undefined ? { secret: done.secret } : {};
  workspace.print(
    { ...document, webhookId: webhook.id, ...secret },
    () =>
      `${clean(webhook.id)} ${action === "patched" ? "changed" : action}\n${"secret" in secret ? `secret ${secret.secret}\n` : ""}`,
    secret.secret,
  );
}
