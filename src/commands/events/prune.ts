import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/flags.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { localTime } from "../../core/local-time.ts";
import type { Store } from "../../store/store.ts";
import { age } from "../shared/parse.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";

interface PruneFlags extends GlobalFlags {
  readonly olderThan: number;
  readonly dryRun?: boolean;
}

export function definePrune(events: Command, context: Context): void {
  events
    .command("prune")
    .description("delete old deliveries; of every environment, unless --env names one")
    .addOption(new Option("--older-than <age>", "such as 30d or 12h").argParser(age).makeOptionMandatory())
    .option("--dry-run", "say how many there are, and delete none")
    .addHelpText("after", HELP)
    .action(async (_flags: unknown, self: Command) => prune(self.optsWithGlobals<PruneFlags>(), context));
}

const HELP = `
Examples:
  $ bluum-hooks events prune --older-than 30d --dry-run
  $ bluum-hooks events prune --older-than 12h --env emulator
`;

const MB = 1024 * 1024;

async function prune(flags: PruneFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const store = flags.dryRun === true ? undefined : await workspace.store();
  const beforeMs = context.clock.now() - flags.olderThan;
  const before = isoTime(beforeMs);
  const count = await (await workspace.storeReader()).count({ untilMs: beforeMs, environment: flags.env });
  const where = flags.env === undefined ? "" : ` in ${flags.env}`;
  const told = `${count} ${count === 1 ? "delivery" : "deliveries"} received before ${localTime(beforeMs)}${where}`;
  const isDryRun = store === undefined;
  let [deleted, freedBytes] = [0, 0];
  if (!isDryRun && count > 0) {
    if (!(await workspace.confirm(`Delete ${told}?`))) return workspace.say("Nothing was deleted.");
    deleted = await store.prune(beforeMs, flags.env);
  }
  // Also what an earlier deletion could not give back.
  if (!isDryRun) freedBytes = await releaseSpace(store, workspace);
  workspace.print({ matched: count, deleted, before, dryRun: isDryRun, freedBytes }, () => {
    const smaller = freedBytes < MB / 10 ? "" : `The store is ${(freedBytes / MB).toFixed(1)} MB smaller.\n`;
    if (count === 0) return `Nothing was received before ${localTime(beforeMs)}${where}.\n${smaller}`;
    if (isDryRun) return `Would delete ${told}.\n`;
    return `Deleted ${deleted}: all that was received before ${localTime(beforeMs)}${where}.\n${smaller}`;
  });
}

/** How many bytes smaller the files are. What is deleted stays so where the disk has no room to write them anew. */
async function releaseSpace(store: Pick<Store, "releaseSpace">, { warn }: Pick<Workspace, "warn">): Promise<number> {
  try {
    return Math.max(0, await store.releaseSpace());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const hint = "What arrives uses the room of what was deleted. To have it back, run the command again later.";
    warn("store_unavailable", `the room of what was deleted could not be given back: ${error.message}`, hint);
    return 0;
  }
}

/** Throws `invalid_usage` for a time before all times. */
function isoTime(ms: number): string {
  const time = new Date(ms);
  if (!Number.isNaN(time.getTime()) && time.getTime() >= 0) return time.toISOString();
  throw new AppError("invalid_usage", "nothing can be that old", { hint: "Give an age such as --older-than 30d." });
}
