import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { timeColumn } from "../../output/text.ts";
import { timelineDocument, timelineText } from "../../output/reports/timeline-report.ts";
import { resourceText } from "../shared/parse.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";

const HELP = {
  details: `Shows the time between events, and which events an app would lose if it used the wrong key to detect duplicates.`,
  examples: `  $ bluum-hooks events timeline ord_x9y8
  $ bluum-hooks events timeline ord_x9y8 --json`,
};

export function defineTimeline(events: Command, context: Context): void {
  addHelp(events.command("timeline").description("show the events of one order or transfer in order"), HELP)
    .argument("<resource>", "ID of an order or transfer, or a unique prefix", resourceText)
    .action(inWorkspace(context, timeline));
}

async function timeline(workspace: Workspace, wanted: string, flags: GlobalFlags): Promise<void> {
  const { stdout, clock } = workspace.context;
  const { timelineOf } = await import("../../features/events/timeline-of.ts");
  const { resourceId, timeline: read } = await timelineOf(await workspace.storeReader(), wanted, flags.env);
  const when = timeColumn({ isTTY: stdout.isTTY, now: clock.now() });
  workspace.print(timelineDocument(resourceId, read), () => timelineText(resourceId, read, when, workspace.style));
}
