import type { Command } from "commander";
import { openInspector } from "../features/inspector/open-inspector.ts";
import { abortOf } from "../platform/abort.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { addHelp } from "./shared/help.ts";
import { inspectorDeps, openInspectorPage, REPLAY_DEFAULTS } from "./shared/inspector-deps.ts";
import { port } from "./shared/parse.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

interface InspectFlags extends GlobalFlags {
  readonly port?: number;
  readonly open?: boolean;
}

const HELP = {
  details: `Serves a web page on 127.0.0.1 that shows every stored delivery, and what arrives while it is open. The printed URL contains a token: anyone who has it can read your deliveries. listen starts the same page; its key o opens it. See docs/inspector.md.`,
  examples: `  $ bluum-hooks inspect --open
  $ bluum-hooks inspect --port 0 --json`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .option("--port <port>", "port on 127.0.0.1 (default: 4601 or the next free one)", port)
    .option("--open", "open the page in your browser")
    .action(inWorkspace(context, inspect));
}

async function inspect(workspace: Workspace, flags: InspectFlags): Promise<void> {
  const { context } = workspace;
  // Indexes the logs of killed processes, if the store is writable.
  await workspace.storeReader();
  const { isStoreWritable } = await import("../store/file.ts");
  await using inspector = await openInspector(
    { port: flags.port, flag: "--port" },
    inspectorDeps(flags, workspace, context, {
      isWritable: isStoreWritable(workspace.folder),
      session: () => undefined,
      sending: REPLAY_DEFAULTS,
    }),
  );
  workspace.print(
    { type: "ready", at: new Date(context.clock.now()).toISOString(), inspectorUrl: inspector.url },
    () => `${inspector.url}\n`,
  );
  if (flags.open === true) await openInspectorPage(inspector, { ...context, say: workspace.say });
  workspace.say("Press Ctrl-C to stop.");
  await abortOf(context.signal);
  throw context.signal.reason;
}
