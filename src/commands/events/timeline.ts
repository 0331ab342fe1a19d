import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { GlobalFlags } from "../shared/flags.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { readTimeline } from "../../core/timeline.ts";
import { summarize } from "../../output/live/summaries.ts";
import { timeColumn } from "../../output/text.ts";
import {
  forTimeline,
  timelineDocument,
  timelineText,
  type TimelineDelivery,
} from "../../output/reports/timeline-report.ts";
import { eachDelivery } from "../../store/pages.ts";
import type { StoreReader } from "../../store/store.ts";
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
  const store = await workspace.storeReader();
  const resourceId = await findResource(store, wanted);
  const filter = { resourceId, environment: flags.env, order: "oldest" } as const;
  const deliveries: TimelineDelivery[] = [];
  for await (const delivery of eachDelivery(store, filter)) {
    deliveries.push(forTimeline(delivery, summarize(delivery)));
  }
  if (deliveries.length === 0) throw notFound(`no deliveries for ${resourceId} in ${flags.env}`);
  const read = readTimeline(deliveries);
  const when = timeColumn({ isTTY: context.stdout.isTTY, now: context.clock.now() });
  workspace.print(timelineDocument(resourceId, read), () => timelineText(resourceId, read, when, workspace.style));
}

const CANDIDATES_SHOWN = 5;

async function findResource(store: StoreReader, wanted: string): Promise<string> {
  const ids = await store.resources(wanted, CANDIDATES_SHOWN + 1);
  const id = ids.includes(wanted) ? wanted : ids[0];
  if (wanted === "" || id === undefined) throw notFound(`no deliveries for an order or transfer ${wanted}`);
  if (ids.length > 1 && id !== wanted) {
    const shown = ids.slice(0, CANDIDATES_SHOWN).join(", ");
    throw new AppError("resource_not_found", `${wanted} matches more than one ID`, {
      hint: `Use a longer prefix: ${shown}${ids.length > CANDIDATES_SHOWN ? ", …" : ""}`,
    });
  }
  return id;
}

function notFound(message: string): AppError {
  return new AppError("resource_not_found", message.trim(), {
    hint: "List the deliveries with: bluum-hooks events list",
  });
}
