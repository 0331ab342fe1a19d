import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { statsDocument, statsText, sumUp } from "../../output/reports/stats-report.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";
import { addFilters, filterIn, nothingFound, type EventFlags } from "./filters.ts";

const HELP = {
  examples: `  $ bluum-hooks events stats --since 1d
  $ bluum-hooks events stats --event 'transfer.*' --json`,
};

export function defineStats(events: Command, context: Context): void {
  const command = addHelp(events.command("stats").description("count deliveries, responses and retries"), HELP);
  addFilters(command, context, ["limit"]).action(inWorkspace(context, stats));
}

async function stats(workspace: Workspace, flags: EventFlags): Promise<void> {
  const sums = sumUp(await (await workspace.storeReader()).stats(await filterIn(workspace, flags)));
  if (sums.received === 0) workspace.say(nothingFound(flags));
  workspace.print(statsDocument(sums), () => (sums.received === 0 ? "" : statsText(sums, workspace.style)));
}
