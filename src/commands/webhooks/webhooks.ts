import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { commandLine } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { clean } from "../../output/privacy/clean.ts";
import { renderDiff } from "../../output/reports/diff.ts";
import { fields } from "../../output/reports/table.ts";
import { requireWebhook } from "../../features/webhooks/find-webhook.ts";
import { warningsOfPending } from "../../features/webhooks/orphaned-changes.ts";
import { unknownEvents, unprovenEvents, checkDeliveryUrl } from "../../features/webhooks/setting-warnings.ts";
import { differences, stateOf } from "../../features/webhooks/webhook-state.ts";
import type { WebhookState } from "../../store/store.ts";
import type { CommandDeps, GlobalFlags } from "../shared/command.ts";
import {
  description as descriptionText,
  eventList,
  httpUrl,
  idText,
  lineOfText,
  webhookStatus,
} from "../shared/parse.ts";
import { pruneWebhooks } from "./prune-webhooks.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";

interface UpdateFlags extends GlobalFlags {
  readonly url?: string;
  readonly name?: string;
  readonly events?: readonly string[];
  readonly description?: string;
  readonly status?: "ACTIVE" | "INACTIVE";
}

export function define(command: Command, { context }: CommandDeps): void {
  const sub = (name: string, description: string) => command.command(name).description(description);
  sub("list", "list webhooks").action(inWorkspace(context, list));
  sub("show", "show a webhook").argument("<id>", "webhook ID", idText).action(inWorkspace(context, show));
  sub("update", "update a webhook")
    .argument("<id>", "webhook ID", idText)
    .option("--url <url>", "URL that receives the deliveries", httpUrl)
    .option("--name <name>", "name of the webhook", lineOfText)
    .option("--events <names>", "event names or patterns, comma-separated", eventList)
    .option("--description <text>", "description of the webhook", descriptionText)
    .option("--status <status>", "ACTIVE, or INACTIVE to stop deliveries", webhookStatus)
    .action(inWorkspace(context, updateFields));
  sub("enable", "activate a webhook")
    .argument("<id>", "webhook ID", idText)
    .action(inWorkspace(context, (workspace, id: string) => update(workspace, id, { status: "ACTIVE" })));
  sub("disable", "deactivate a webhook and keep its signing secret")
    .argument("<id>", "webhook ID", idText)
    .action(inWorkspace(context, (workspace, id: string) => update(workspace, id, { status: "INACTIVE" })));
  sub("delete", "delete a webhook and its signing secret")
    .argument("<id>", "webhook ID", idText)
    .action(inWorkspace(context, remove));
  sub("prune", "delete inactive webhooks that this machine created")
    .option("--dry-run", "show what would be deleted without deleting it")
    .action(inWorkspace(context, pruneWebhooks));
  addHelp(command, {
    examples: `  $ bluum-hooks webhooks list
  $ bluum-hooks webhooks update wh_1 --events 'order.*'
  $ bluum-hooks webhooks disable wh_1
  $ bluum-hooks webhooks prune --dry-run`,
  });
}

const NOT_RETURNED = "(not returned by the API)";

async function list(workspace: Workspace): Promise<void> {
  const webhooks = await (await workspace.api()).listWebhooks();
  await warnOfPending(workspace);
  workspace.print(webhooks.map(withoutSecret), () =>
    webhooks
      .map(({ id, status, url, events, name }) =>
        // Lines instead of columns, because a truncated ID or URL cannot be copied.
        [
          `${clean(id)}  ${clean(status)}  ${clean(name ?? "")}`,
          `  ${clean(url)}`,
          `  ${clean(events?.join(", ") ?? NOT_RETURNED)}\n`,
        ].join("\n"),
      )
      .join(""),
  );
  if (webhooks.length === 0)
    workspace.say(`No webhooks. Create one with: ${commandLine("register URL", workspace.settings)}`);
}

async function show(workspace: Workspace, id: string): Promise<void> {
  const webhook = await requireWebhook(await workspace.api(), id, workspace.settings);
  await warnOfPending(workspace, id);
  print(workspace, webhook);
}

/** The webhooks come from the API, so a store that cannot be opened is only a warning. */
async function warnOfPending(workspace: Workspace, id?: string): Promise<void> {
  try {
    const [store, now] = [await workspace.storeReader(), workspace.context.clock.now()];
    workspace.warn(...(await warningsOfPending(store, workspace.settings, { now, webhookId: id })));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    workspace.warn(error);
  }
}

async function updateFields(workspace: Workspace, id: string, flags: UpdateFlags): Promise<void> {
  const { url, name, events, description, status } = flags;
  const set = Object.entries({ url, name, events, description, status }).filter(([, value]) => value !== undefined);
  if (set.length === 0) {
    throw new AppError("invalid_usage", "nothing to update", {
      hint: "Add --url, --name, --events, --description or --status.",
    });
  }
  await update(workspace, id, Object.fromEntries(set));
}

async function update(workspace: Workspace, id: string, set: Partial<WebhookState>): Promise<void> {
  if (set.url !== undefined) {
    const warning = checkDeliveryUrl(set.url, workspace.settings.environment);
    if (warning !== undefined) workspace.warn(warning);
  }
  const journal = await workspace.journal();
  await journal.recoverPending();
  const before = await journal.get(id);
  workspace.warn(...(await unknownEvents(journal.api, set.events ?? [])));
  const [old, now] = [stateOf(before), { ...stateOf(before), ...set }];
  if (Object.keys(differences(old, now)).length === 0) {
    const isStatusAlone = set.status !== undefined && Object.keys(set).length === 1;
    workspace.say(`${clean(id)} is already ${isStatusAlone ? now.status.toLowerCase() : "up to date"}.`);
    return print(workspace, before);
  }
  const webhook = await journal.update(id, set);
  const updated = stateOf(webhook);
  workspace.say(renderDiff(old, { ...updated, events: updated.events ?? now.events }, { color: workspace.color }));
  workspace.warn(...unprovenEvents(webhook, set.events));
  print(workspace, webhook);
}

async function remove(workspace: Workspace, id: string): Promise<void> {
  const { environment } = workspace.settings;
  const journal = await workspace.journal();
  await journal.recoverPending();
  const webhook = await journal.get(id);
  await workspace.agree(`Delete ${id} (${webhook.url}) in ${environment}? Its secret cannot be recovered.`, {
    message: "nothing was deleted",
  });
  await journal.delete(webhook);
  workspace.print({ webhookId: id, action: "deleted" }, () => `${clean(id)} deleted\n`);
}

function print(workspace: Workspace, webhook: Webhook): void {
  workspace.print(withoutSecret(webhook), () => {
    const { id, name, url, events, status, description, createdAt, updatedAt } = webhook;
    const pairs = {
      id,
      name,
      url,
      events: events?.join(", ") ?? NOT_RETURNED,
      status,
      description,
      created: createdAt,
      updated: updatedAt,
    };
    return fields(Object.entries(pairs).map(([label, value]) => [label, clean(value ?? "-")]));
  });
}

function withoutSecret({ secret: _secret, unknown, ...webhook }: Webhook): Record<string, unknown> {
  return { ...unknown, ...webhook };
}
