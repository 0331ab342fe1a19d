import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import { AppError } from "../core/errors.ts";
import { shellWord } from "../core/command-line.ts";
import { localTime } from "../core/local-time.ts";
import { clean } from "../output/privacy/clean.ts";
import { fields } from "../output/reports/table.ts";
import { isEmulatorRunning } from "../features/emulator/use-emulator.ts";
import { sessionLock } from "../features/webhooks/webhook-locks.ts";
import { mayLandUntil } from "../features/webhooks/ledger.ts";
import { byHandCommand, leftFieldsMessage, unansweredMessage } from "../features/webhooks/recovery-messages.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

interface RestoreFlags extends GlobalFlags {
  readonly list?: boolean;
}

const HELP = {
  details: `A session that was killed cannot restore its webhook. The next command that changes webhooks restores it; this command does it now. Webhooks of running sessions are not touched.`,
  examples: `  $ bluum-hooks restore
  $ bluum-hooks restore --list --env production`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .option("--list", "list pending restores without changing anything")
    .action(inWorkspace(context, runRestore));
}

async function runRestore(workspace: Workspace, flags: RestoreFlags): Promise<void> {
  if (flags.list === true) return await list(workspace);
  const { context, settings } = workspace;
  const store = await workspace.store();
  if (settings.environment === "emulator" && !(await isEmulatorRunning(settings.baseUrl, context.signal))) {
    // An emulator that has ended took its webhooks with it.
    for (const { id, webhookId } of await store.changes.pending({
      environment: "emulator",
      baseUrl: settings.baseUrl,
    })) {
      const holder = webhookId === null ? undefined : await store.holderOf(sessionLock(settings.baseUrl, webhookId));
      if (holder === undefined) await store.changes.update(id, { state: "settled", outcome: "gone" });
    }
  }
  const pending = await store.changes.pending({ environment: settings.environment, baseUrl: settings.baseUrl });
  const { recovered, failed, awaited } =
    pending.length === 0 ? { recovered: [], failed: [], awaited: [] } : await (await workspace.journal()).recover();
  const handled = new Set([...recovered, ...failed, ...awaited].map(({ change }) => change.id));
  const live = pending.filter(({ id }) => !handled.has(id)).length;
  workspace.print(
    {
      restored: recovered.map(({ change, webhookId, outcome }) => ({ changeId: change.id, webhookId, outcome })),
      live,
      awaited: awaited.length,
    },
    () => recovered.map(({ webhookId, outcome }) => `${clean(webhookId ?? "(never created)")}  ${outcome}\n`).join(""),
  );
  for (const { change, leftFields } of recovered) {
    if (leftFields.length > 0) workspace.warn(leftFieldsMessage(change, leftFields));
  }
  if (recovered.length === 0 && awaited.length === 0) workspace.say("Nothing to restore.");
  if (live > 0) workspace.say(`${live} more in use by running sessions.`);
  workspace.warn(...awaited.map(({ change, until }) => unansweredMessage(change, until)));
  for (const { change, error } of failed) {
    workspace.warn({ code: "restore_pending", message: `${change.webhookId}: ${error.message}` });
  }
  const elsewhere = (await store.changes.pending()).filter(
    ({ environment, baseUrl }) => environment !== settings.environment || baseUrl !== settings.baseUrl,
  );
  for (const { environment, baseUrl } of elsewhere) {
    // Both flags, because a variable or the config may point to another environment.
    workspace.say(
      `Pending at ${baseUrl}: bluum-hooks restore --env ${shellWord(environment)} --base-url ${shellWord(baseUrl)}`,
    );
  }
  const [first] = failed;
  if (first !== undefined) {
    throw new AppError("restore_pending", `${failed.length} webhook(s) could not be restored`, {
      hint: `Restore it manually with: ${byHandCommand(first.change)}`,
      cause: first.error,
    });
  }
}

async function list(workspace: Workspace): Promise<void> {
  const now = workspace.context.clock.now();
  const store = await workspace.storeReader();
  const pending = await Promise.all(
    (await store.changes.pending()).map(async (change) => ({
      ...change,
      heldBy:
        change.webhookId === null ? undefined : await store.holderOf(sessionLock(change.baseUrl, change.webhookId)),
      mayLandUntil: isoOrNull(change.state === "planned" ? mayLandUntil(change, now) : null),
    })),
  );
  workspace.print(pending, () =>
    pending
      .map(({ createdAt, environment, webhookId, after, before, heldBy, mayLandUntil: latest }) =>
        fields([
          ["webhook", `${clean(webhookId ?? "(not created yet)")} in ${environment}`],
          ["since", localTime(createdAt)],
          [latest === null ? "now" : "requested", clean(after.url)],
          ["original URL", clean(before?.url ?? "(did not exist)")],
          [
            "state",
            heldBy !== undefined
              ? `in use by process ${heldBy.pid}`
              : latest === null
                ? "interrupted"
                : `no answer; the API may still apply it until ${localTime(Date.parse(latest))}`,
          ],
        ]),
      )
      .join("\n"),
  );
  if (pending.length === 0) workspace.say("No pending restores.");
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
