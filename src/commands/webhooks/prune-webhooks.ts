import type { GlobalFlags } from "../shared/command.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { clean } from "../../output/privacy/clean.ts";
import { planPruning, prune, type Kept } from "../../features/webhooks/delete.ts";
import type { Workspace } from "../shared/workspace.ts";

interface PruneFlags extends GlobalFlags {
  readonly dryRun?: boolean;
}

/** `webhooks prune`: shows what it will delete, asks, and deletes. */
export async function pruneWebhooks(workspace: Workspace, flags: PruneFlags): Promise<void> {
  const { environment } = workspace.settings;
  const isDryRun = flags.dryRun === true;
  const journal = await workspace.journal();
  await (isDryRun ? journal.warnOfPending() : journal.recoverPending());
  const plan = await planPruning(journal);
  const [deleted, kept]: [Webhook[], Kept[]] = [[], [...plan.kept]];
  for (const webhook of plan.deleted) workspace.say(`${isDryRun ? "would delete" : "to delete"} ${line(webhook)}`);
  for (const each of plan.kept) workspace.say(keptLine(each));
  const count = plan.deleted.length === 1 ? "1 webhook" : `${plan.deleted.length} webhooks`;
  if (plan.deleted.length === 0) workspace.say("No inactive webhooks to delete.");
  else if (isDryRun) deleted.push(...plan.deleted);
  else {
    await workspace.agree(`Delete ${count} in ${environment}? The signing secrets cannot be recovered.`, {
      message: "nothing was deleted",
    });
  }
  try {
    if (!isDryRun) {
      await prune(journal, plan.deleted, {
        deleted: (webhook) => deleted.push(webhook),
        kept(each) {
          kept.push(each);
          workspace.say(keptLine(each));
        },
      });
    }
  } finally {
    // If one cannot be deleted, those before it are already gone.
    const document = {
      ...(isDryRun ? { dryRun: true } : {}),
      deleted: deleted.map(summary),
      kept: kept.map(({ webhook, reason }) => ({ ...summary(webhook), reason })),
    };
    workspace.print(document, () => (isDryRun ? "" : deleted.map(({ id }) => `${clean(id)} deleted\n`).join("")));
  }
}

function summary({ id, name, url, createdAt }: Webhook) {
  return { webhookId: id, name, url, createdAt };
}

function line({ id, name, url, createdAt }: Webhook): string {
  return [id, name ?? "-", url, ...(createdAt === null ? [] : [`created ${createdAt}`])].map(clean).join("  ");
}

function keptLine({ webhook, reason }: Kept): string {
  return `kept ${clean(webhook.id)}: ${clean(reason)}`;
}
