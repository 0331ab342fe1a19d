import type { Context } from "../../context.ts";
import { commandLine, shellWord } from "../../core/command-line.ts";
import { devServiceOf } from "../../core/hosts.ts";
import { clean } from "../../output/privacy/clean.ts";
import { renderDiff } from "../../output/reports/diff.ts";
import { planRollback, rollBack } from "../../features/promotion/roll-back.ts";
import { openWorkspace } from "../shared/workspace.ts";
import type { PromoteFlags } from "./flags.ts";

/** `promote --rollback`: shows the changes, asks, and undoes the promotion. */
export async function runRollback(flags: PromoteFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { environment, askedWebhookId } = workspace.settings;
  const journal = await workspace.journal();
  await (flags.dryRun === true ? journal.warnOfPending() : journal.recoverPending());
  const rollback = await planRollback(journal, askedWebhookId);
  const { webhookId, before, after } = rollback;
  const document = { environment, webhookId, before, after };
  workspace.say(`${clean(webhookId)} in ${environment}:`);
  workspace.say(renderDiff(before, after, { color: workspace.color }));
  const service = URL.canParse(after.url) ? devServiceOf(new URL(after.url).hostname) : undefined;
  if (service !== undefined && after.status === "ACTIVE") {
    workspace.warn({
      code: "tunnel_before",
      message: `before the promotion it delivered to ${after.url}, a URL of ${service.service}: events are lost if that tunnel is closed`,
    });
  }
  if (rollback.change.before?.events === null && rollback.change.after.events !== null) {
    workspace.warn({
      code: "events_unknown",
      message: `the API did not return the events of ${webhookId} before the promotion: it keeps the promoted ones`,
      hint: `Set others with: bluum-hooks webhooks update ${webhookId} --events NAMES --env ${environment}`,
    });
  }
  if (flags.dryRun === true) return workspace.print({ ...document, action: "dry-run" }, () => "");
  await workspace.agree(`Roll back ${webhookId} in ${environment}?`);
  await rollBack(journal, rollback);
  const isNew = rollback.change.before === null;
  const state = isNew
    ? "is inactive: it did not exist before the promotion"
    : after.status === "ACTIVE"
      ? `delivers to ${clean(after.url)} again`
      : `is ${clean(after.status.toLowerCase())} again, as before the promotion`;
  workspace.print({ ...document, action: "rolled-back" }, () => `${clean(webhookId)} ${state}.\n`);
  if (isNew) {
    const command = commandLine(`webhooks delete ${shellWord(webhookId)} --yes`, workspace.settings);
    workspace.say(`Delete it permanently with: ${command}`);
  }
}
