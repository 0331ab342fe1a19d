import type { Command } from "commander";
import { PERMISSIONS } from "../../features/agents/permissions.ts";
import type { Permission } from "../../mcp/tool.ts";
import type { CommandDeps } from "../shared/command.ts";
import { addHelp } from "../shared/help.ts";
import { refuse } from "../shared/parse.ts";
import type { McpFlags } from "./serve.ts";

const HELP = {
  details: `Serves tools to an AI agent with the Model Context Protocol, on standard input and output. The agent's program starts it. It ends when standard input is closed.

Tools only read, unless you allow actions with --allow: replay and check send to this machine only, trigger and listen use the emulator only. Nothing spends real money.`,
  examples: `  $ bluum-hooks mcp
  $ bluum-hooks mcp --env emulator --allow replay,trigger,check
  $ claude mcp add bluum-hooks -- bluum-hooks mcp --env emulator`,
};

export function define(command: Command, deps: CommandDeps): void {
  addHelp(command, HELP)
    .option("--allow <actions>", `allowed actions, comma-separated: ${PERMISSIONS.join(", ")} (default: none)`, actions)
    .action(async (_flags: unknown, self: Command) => {
      const { serve } = await import("./serve.ts");
      await serve(self.optsWithGlobals<McpFlags>(), deps);
    });
}

function actions(text: string): Permission[] {
  return text.split(",").map((word) => {
    const name = word.trim();
    return PERMISSIONS.find((each) => each === name) ?? refuse(`must be a list of ${PERMISSIONS.join(", ")}`);
  });
}
