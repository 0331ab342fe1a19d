import type { Command } from "commander";
import type { GlobalFlags } from "./shared/flags.ts";
import type { Context } from "../context.ts";
import { AppError } from "../core/errors.ts";
import { shellWord } from "../core/shell-word.ts";
import { localTime } from "../core/local-time.ts";
import { clean } from "../output/privacy/clean.ts";
import { fields } from "../output/reports/table.ts";
import { isEmulatorRunning } from "../features/emulator/use-emulator.ts";
import { sessionLock } from "../features/webhooks/webhook-locks.ts";
import { mayLandUntil } from "../features/webhooks/ledger.ts";
import { byHandCommand, leftFieldsMessage, unansweredMessage } from "../features/webhooks/recovery-messages.ts";
import type { CommandDeps } from "./shared/command.ts";
import { openWorkspace, type Workspace } from "./shared/workspace.ts";

interface RestoreFlags extends GlobalFlags {
  readonly list?: boolean;
}

export function define(command: Command, { context }: CommandDeps): void {
  command
    .option("--list", "only list what is pending")
    .addHelpText(
      "after",
      `
A session that was killed leaves its webhook registered with its own URL. The
next start restores it; this command does it now. Running sessions are left
alone.

Examples:
  $ bluum-hooks restore
  $ bluum-hooks restore --list --env production
`,
    )
    .action(async (_flags: unknown, self: Command) => runRestore(self.optsWithGlobals<RestoreFlags>(), context));
}

async function runRestore(flags: RestoreFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  if (flags.list === true) return await list(workspace, context.clock.now());
  const { settings } = workspace;
  const store = await workspace.store();
  if (settings.environment === "emulator" && !(await isEmulatorRunning(settings.baseUrl, context.signal))) {
    // Its webhooks lived in its memory and went with it.
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
  const looked = new Set([...recovered, ...failed, ...awaited].map(({ change }) => change.id));
  const live = pending.filter(({ id }) => !looked.has(id)).length;
  workspace.print(
    {
      restored: recovered.map(({ change, webhookId, outcome }) => ({ changeId: change.id, webhookId, outcome })),
      live,
      awaited: awaited.length,
    },
    () => recovered.map(({ webhookId, outcome }) => `${clean(webhookId ?? "(never created)")}  ${outcome}\n`).join(""),
  );
  for (const { change, leftFields } of recovered) {
    if (leftFields.length === 0) continue;
    const { code, message, hint } = leftFieldsMessage(change, leftFields);
    workspace.warn(code, message, hint);
  }
  if (recovered.length === 0 && awaited.length === 0) workspace.say("Nothing to restore.");
  if (live > 0) workspace.say(`${live} more in use by sessions that still run.`);
  for (const { change, until } of awaited) {
    const { code, message, hint } = unansweredMessage(change, until);
    workspace.warn(code, message, hint);
  }
  for (const { change, error } of failed) workspace.warn("restore_pending", `${change.webhookId}: ${error.message}`);
  const elsewhere = (await store.changes.pending()).filter(
    ({ environment, baseUrl }) => environment !== settings.environment || baseUrl !== settings.baseUrl,
  );
  for (const { environment, baseUrl } of elsewhere) {
    // Both flags, even for a default: a variable or the config may have led here, and would again.
    workspace.say(
      `Pending at ${baseUrl}: bluum-hooks restore --env ${shellWord(environment)} --base-url ${shellWord(baseUrl)}`,
    );
  }
  const [first] = failed;
  if (first !== undefined) {
    throw new AppError("restore_pending", `${failed.length} webhook(s) could not be restored`, {
      hint: `Set it by hand with: ${byHandCommand(first.change)}`,
      cause: first.error,
    });
  }
}

async function list(workspace: Workspace, now: number): Promise<void> {
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
          [latest === null ? "now" : "set to", clean(after.url)],
          ["before", clean(before?.url ?? "(did not exist)")],
          [
            "state",
            heldBy !== undefined
              ? `in use by process ${heldBy.pid}`
              : latest === null
                ? "left behind"
                : `not answered; the API may still carry it out until ${localTime(Date.parse(latest))}`,
          ],
        ]),
      )
      .join("\n"),
  );
  if (pending.length === 0) workspace.say("Nothing is pending.");
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
