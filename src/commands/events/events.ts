import { addHelp } from "../shared/help.ts";
import type { Command } from "commander";
import type { CommandDeps } from "../shared/command.ts";
import { defineExport } from "./export.ts";
import { defineList } from "./list.ts";
import { definePrune } from "./prune.ts";
import { defineReplay } from "./replay.ts";
import { defineShow } from "./show.ts";
import { defineStats } from "./stats.ts";
import { defineTail } from "./tail.ts";
import { defineTimeline } from "./timeline.ts";

/** The subcommands, in the order of the help. */
const SUBCOMMANDS = [
  defineList,
  defineShow,
  defineTimeline,
  defineTail,
  defineReplay,
  defineExport,
  defineStats,
  definePrune,
];

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, {
    examples: `  $ bluum-hooks events list --since 1h --event 'order.*' --status failed
  $ bluum-hooks events show last
  $ bluum-hooks events timeline ord_x9y8
  $ bluum-hooks events replay --failed
  $ bluum-hooks events tail --event 'transfer.*'
  $ bluum-hooks events export --format har --redact > events.har`,
  });
  for (const defineSubcommand of SUBCOMMANDS) defineSubcommand(command, context);
}
