import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { refuseProduction, requireLoopback, requirePermission } from "../../features/agents/permissions.ts";
import { errorResult, toolResult } from "../../features/agents/tool-result.ts";
import type { Permission, ToolDeps } from "../../mcp/tool.ts";
import { abortOf } from "../../platform/abort.ts";
import type { CommandDeps, GlobalFlags } from "../shared/command.ts";
import { openWorkspace } from "../shared/workspace.ts";
import { EmulatorListener } from "./emulator-listener.ts";
import { localTarget } from "./local-target.ts";
import { CommandRunner } from "./run-command.ts";

export interface McpFlags extends GlobalFlags {
  readonly allow?: readonly Permission[];
}

const FOR_AGENTS = "Waiting for an agent's program on standard input. Press Ctrl-C to stop.";

/** Serves until standard input is closed. Then everything that tools have started is ended and undone. */
export async function serve(flags: McpFlags, deps: CommandDeps): Promise<void> {
  const { context } = deps;
  const { allow = [] } = flags;
  const runner = new CommandRunner(deps, globalsOf(flags));
  const listener = new EmulatorListener(runner);
  const shared: Omit<ToolDeps, "run"> = {
    requireLocal: (target) => localTarget(target, context),
    async requireLocalEmulator() {
      await using workspace = await openWorkspace({ ...flags, env: "emulator", json: true }, silent(context));
      requireLoopback(workspace.settings.baseUrl, "the emulator");
    },
    startListener: (argv, minutes) => listener.start(argv, minutes),
    stopListener: () => listener.stop(),
  };
  const requireNoProduction = async () => {
    await using workspace = await openWorkspace({ ...flags, json: true }, silent(context));
    refuseProduction(workspace.settings.environment);
  };
  const protocol = await context.openProtocol();
  protocol.attach(async (tool, input, signal) => {
    try {
      if (tool.needs !== undefined) requirePermission(tool.needs, allow);
      // Its credentials and its signing secret are not for an agent.
      if (tool.needs !== undefined || tool.callsApi === true) await requireNoProduction();
      const run: ToolDeps["run"] = (argv, options) => runner.run(argv, { ...options, signal });
      return toolResult(await tool.run(input, { ...shared, run }));
    } catch (error) {
      if (error instanceof AppError) return errorResult(error);
      throw error;
    }
  });
  if (context.isInteractive) context.stderr.write(`${FOR_AGENTS}\n`);
  try {
    await Promise.race([protocol.ended, abortOf(context.signal)]);
  } finally {
    await protocol.close();
    await runner.close();
  }
  context.signal.throwIfAborted();
}

/** The global flags of this server, for each command that it runs. */
function globalsOf({ env, baseUrl, investor, account, webhook, envFile }: McpFlags): string[] {
  const given = { env, "base-url": baseUrl, investor, account, webhook, "env-file": envFile };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

/** A context whose warnings are not printed. */
function silent(context: Context): Context {
  const sink = { write: () => {}, isTTY: false, columns: 80 };
  return { ...context, stdout: sink, stderr: sink };
}
