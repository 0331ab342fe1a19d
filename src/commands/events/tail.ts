import { addHelp } from "../shared/help.ts";
import { zoneName } from "../../core/local-time.ts";
import type { Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { tail } from "../../features/events/tail-events.ts";
import { positiveInteger, wholeNumber } from "../shared/parse.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";
import { addFilters, filterIn, type FilterFlags } from "./filters.ts";

interface TailFlags extends GlobalFlags, FilterFlags {
  readonly last?: number;
  readonly count?: number;
}

const HELP = {
  examples: `  $ bluum-hooks events tail --last 5
  $ bluum-hooks events tail --event 'order.*'
  $ bluum-hooks events tail --json | jq -r 'select(.type == "delivery").event'`,
};

export function defineTail(events: Command, context: Context): void {
  const command = addHelp(events.command("tail").description("follow the deliveries of a running listener"), HELP);
  // A delivery is printed before its result is known.
  addFilters(command, context, ["until", "status", "search", "limit"])
    .option("--last <n>", "start with the last n stored deliveries (default: 0)", wholeNumber)
    .option("--count <n>", "stop after n deliveries", positiveInteger)
    .action(inWorkspace(context, follow));
}

async function follow(workspace: Workspace, flags: TailFlags): Promise<void> {
  const { clock, signal, stdout } = workspace.context;
  const { environment, events, resourceId, verdicts, isRepeated } = await filterIn(workspace, flags);
  const store = await workspace.storeReader();
  await tail(
    {
      filter: { environment, events, resourceId, verdicts, isRepeated },
      last: flags.last,
      sinceMs: flags.since,
      count: flags.count,
    },
    {
      store,
      clock,
      signal,
      drain: async () => stdout.backlog?.drain(signal),
      onFact: (fact) => workspace.renderer.fact(fact),
      onReady: () =>
        workspace.say(`Following the running listener (times in ${zoneName(clock.now())}). Press Ctrl-C to stop.`),
    },
  );
}
