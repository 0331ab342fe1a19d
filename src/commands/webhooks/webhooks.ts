import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import type { Context } from "../../context.ts";
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
import { pruneWebhooks, type PruneFlags } from "./prune-webhooks.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";

interface UpdateFlags extends GlobalFlags {
  readonly url?: string;
  readonly name?: string;
  readonly events?: readonly string[];
  readonly description?: string;
  readonly status?: "ACTIVE" | "INACTIVE";
}

export function define(command: Command, { context }: CommandDeps): void {
  const sub = (name: string, description: string) => command.command(name).description(description);
  sub("list", "list webhooks").action(async (_flags: unknown, self: Command) => list(globals(self), context));
  sub("show", "show a webhook")
    .argument("<id>", "webhook ID", idText)
    .action(async (id: string, _flags: unknown, self: Command) => show(id, globals(self), context));
  sub("update", "update a webhook")
    .argument("<id>", "webhook ID", idText)
    .option("--url <url>", "URL that receives the deliveries", httpUrl)
    .option("--name <name>", "name of the webhook", lineOfText)
    .option("--events <names>", "event names or patterns, comma-separated", eventList)
    .option("--description <text>", "description of the webhook", descriptionText)
    .option("--status <status>", "ACTIVE, or INACTIVE to stop deliveries", webhookStatus)
    .action(async (id: string, _flags: unknown, self: Command) => {
      const { url, name, events, description, status } = self.optsWithGlobals<UpdateFlags>();
      const set = Object.entries({ url, name, events, description, status }).filter(([, value]) => value !== undefined);
      if (set.length === 0) {
        throw new AppError("invalid_usage", "nothing to update", {
          hint: "Add --url, --name, --events, --description or --status.",
        });
      }
      await update(id, Object.fromEntries(set), globals(self), context);
    });
  sub("enable", "activate a webhook")
    .argument("<id>", "webhook ID", idText)
    .action(async (id: string, _flags: unknown, self: Command) =>
      update(id, { status: "ACTIVE" }, globals(self), context),
    );
  sub("disable", "deactivate a webhook and keep its signing secret")
    .argument("<id>", "webhook ID", idText)
    .action(async (id: string, _flags: unknown, self: Command) =>
      update(id, { status: "INACTIVE" }, globals(self), context),
    );
  sub("delete", "delete a webhook and its signing secret")
    .argument("<id>", "webhook ID", idText)
    .action(async (id: string, _flags: unknown, self: Command) => remove(id, globals(self), context));
  sub("prune", "delete inactive webhooks that this machine created")
    .option("--dry-run", "show what would be deleted without deleting it")
    .action(async (_flags: unknown, self: Command) => pruneWebhooks(self.optsWithGlobals<PruneFlags>(), context));
  addHelp(command, {
    examples: `  $ bluum-hooks webhooks list
  $ bluum-hooks webhooks update wh_1 --events 'order.*'
  $ bluum-hooks webhooks disable wh_1
  $ bluum-hooks webhooks prune --dry-run`,
  });
}

function globals(command: Command): GlobalFlags {
  return command.optsWithGlobals<GlobalFlags>();
}

const NOT_RETURNED = "(not returned by the API)";

async function list(flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const webhooks = await (await workspace.api()).listWebhooks();
  await warnOfPending(workspace, context.clock.now());
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

async function show(id: string, flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const webhook = await requireWebhook(await workspace.api(), id, workspace.settings);
  await warnOfPending(workspace, context.clock.now(), id);
  print(workspace, webhook);
}

/** The webhooks come from the API, so a store that cannot be opened is only a warning. */
async function warnOfPending(workspace: Workspace, now: number, id?: string): Promise<void> {
  try {
    const store = await workspace.storeReader();
    workspace.warn(...(await warningsOfPending(store, workspace.settings, { now, webhookId: id })));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    workspace.warn(error);
  }
}

async function update(id: string, set: Partial<WebhookState>, flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
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

async function remove(id: string, flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
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
