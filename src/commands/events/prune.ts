import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { localTime } from "../../core/local-time.ts";
import type { Store } from "../../store/store.ts";
import { age } from "../shared/parse.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";

interface PruneFlags extends GlobalFlags {
  readonly olderThan: number;
  readonly dryRun?: boolean;
}

const HELP = {
  details: `Deletes deliveries of every environment, or only those of --env. Deliveries older than the retention (30 days by default) are deleted automatically: see bluum-hooks config set retention.`,
  examples: `  $ bluum-hooks events prune --older-than 30d --dry-run
  $ bluum-hooks events prune --older-than 12h --env emulator`,
};

export function definePrune(events: Command, context: Context): void {
  addHelp(events.command("prune").description("delete old deliveries"), HELP)
    .addOption(new Option("--older-than <age>", "minimum age, such as 30d or 12h").argParser(age).makeOptionMandatory())
    .option("--dry-run", "count them without deleting any")
    .action(inWorkspace(context, prune));
}

const MB = 1024 * 1024;

async function prune(workspace: Workspace, flags: PruneFlags): Promise<void> {
  const store = flags.dryRun === true ? undefined : await workspace.store();
  const beforeMs = workspace.context.clock.now() - flags.olderThan;
  const before = isoTime(beforeMs);
  const count = await (await workspace.storeReader()).count({ untilMs: beforeMs, environment: flags.env });
  const where = flags.env === undefined ? "" : ` in ${flags.env}`;
  const matches = `${count} ${count === 1 ? "delivery" : "deliveries"} received before ${localTime(beforeMs)}${where}`;
  const isDryRun = store === undefined;
  let [deleted, freedBytes] = [0, 0];
  if (!isDryRun && count > 0) {
    if (!(await workspace.confirm(`Delete ${matches}?`))) return workspace.say("Nothing was deleted.");
    deleted = await store.prune(beforeMs, flags.env);
  }
  // Includes space that an earlier run could not release.
  if (!isDryRun) freedBytes = await releaseSpace(store, workspace);
  workspace.print({ matched: count, deleted, before, dryRun: isDryRun, freedBytes }, () => {
    const smaller = freedBytes < MB / 10 ? "" : `The store is ${(freedBytes / MB).toFixed(1)} MB smaller.\n`;
    if (count === 0) return `No deliveries received before ${localTime(beforeMs)}${where}.\n${smaller}`;
    if (isDryRun) return `Would delete ${matches}.\n`;
    return `Deleted ${deleted} ${deleted === 1 ? "delivery" : "deliveries"} received before ${localTime(beforeMs)}${where}.\n${smaller}`;
  });
}

/** The number of bytes freed. A full disk prevents that, but does not undo the deletion. */
async function releaseSpace(store: Pick<Store, "releaseSpace">, { warn }: Pick<Workspace, "warn">): Promise<number> {
  try {
    return Math.max(0, await store.releaseSpace());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    warn({
      code: "store_unavailable",
      message: `the store could not be compacted: ${error.message}`,
      hint: "Run the command again later. Until then, new deliveries reuse the space.",
    });
    return 0;
  }
}

/** Throws `invalid_usage` for a time before 1970. */
function isoTime(ms: number): string {
  const time = new Date(ms);
  if (!Number.isNaN(time.getTime()) && time.getTime() >= 0) return time.toISOString();
  throw new AppError("invalid_usage", "nothing can be that old", { hint: "Give an age such as --older-than 30d." });
}
