import type { Command } from "commander";
import { addHelp } from "../shared/help.ts";
import type { CommandDeps } from "../shared/command.ts";
import { defineInit } from "./init.ts";
import { defineJoin } from "./join.ts";
import { defineLeave } from "./leave.ts";
import { defineStatus } from "./status.ts";

/** The subcommands, in the order of the help. */
const SUBCOMMANDS = [defineInit, defineJoin, defineStatus, defineLeave];

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, {
    examples: `  $ bluum-hooks team init acme-sandbox
  $ bluum-hooks team join
  $ bluum-hooks team status`,
  });
  for (const defineSubcommand of SUBCOMMANDS) defineSubcommand(command, context);
}
