import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { timeColumn } from "../../output/text.ts";
import { timelineDocument, timelineText } from "../../output/reports/timeline-report.ts";
import { resourceText } from "../shared/parse.ts";
import { openWorkspace } from "../shared/workspace.ts";

const HELP = {
  details: `Shows the time between events, and which events an app would lose if it used the wrong key to detect duplicates.`,
  examples: `  $ bluum-hooks events timeline ord_x9y8
  $ bluum-hooks events timeline ord_x9y8 --json`,
};

export function defineTimeline(events: Command, context: Context): void {
  addHelp(events.command("timeline").description("show the events of one order or transfer in order"), HELP)
    .argument("<resource>", "ID of an order or transfer, or a unique prefix", resourceText)
    .action(async (resource: string, _flags: unknown, self: Command) =>
      timeline(resource, self.optsWithGlobals<GlobalFlags>(), context),
    );
}

async function timeline(wanted: string, flags: GlobalFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { timelineOf } = await import("../../features/events/timeline-of.ts");
  const { resourceId, timeline: read } = await timelineOf(await workspace.storeReader(), wanted, flags.env);
  const when = timeColumn({ isTTY: context.stdout.isTTY, now: context.clock.now() });
  workspace.print(timelineDocument(resourceId, read), () => timelineText(resourceId, read, when, workspace.style));
}
