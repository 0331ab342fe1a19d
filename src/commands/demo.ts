import { addHelp } from "./shared/help.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { AppError } from "../core/errors.ts";
import { EMULATOR_DEFAULTS } from "../features/emulator/use-emulator.ts";
import { listen, LISTEN_DEFAULTS } from "../features/listen/session.ts";
import { placeOrder } from "../features/trigger/actions.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { listenDeps } from "./shared/listen-deps.ts";
import { openWorkspace } from "./shared/workspace.ts";
import { ANSWER_TIMEOUT_MS } from "../core/delivery-policy.ts";

const HELP = {
  details: `Starts an emulator of the Bluum sandbox and a listener, registers a webhook, buys one share of AAPL and shows the two events that follow. It needs no account and no network, and it leaves nothing behind.`,
  examples: `  $ bluum-hooks demo
  $ bluum-hooks demo --json`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP).action(async (_flags: unknown, self: Command) =>
    runDemo(self.optsWithGlobals<GlobalFlags>(), context),
  );
}

async function runDemo(flags: GlobalFlags, context: Context): Promise<void> {
  const folder = await makeFolder();
  try {
    await using emulator = await context.startEmulator({
      ...EMULATOR_DEFAULTS,
      chaos: [],
      port: 0,
      orNext: false,
      clock: context.clock,
    });
    // Credentials, owners, webhooks and projects of the real API mean nothing to the demo's own emulator.
    const { NO_COLOR, FORCE_COLOR } = context.env;
    const quietContext = { ...context, cwd: undefined, env: { NO_COLOR, FORCE_COLOR } };
    const { investor: _investor, account: _account, webhook: _webhook, ...kept } = flags;
    const own = { ...kept, env: "emulator", baseUrl: emulator.baseUrl };
    await using workspace = await openWorkspace(own, quietContext, { env: { BLUUM_HOOKS_HOME: folder } });
    const { settings } = workspace;
    await listen(
      {
        ...LISTEN_DEFAULTS,
        environment: settings.environment,
        baseUrl: settings.baseUrl,
        port: 0,
        events: ["order.*"],
        name: "bluum-hooks demo",
        isNew: true,
        onExit: "delete",
        retentionMs: undefined,
        stop: { until: ["order.accepted", "order.filled"], count: undefined, timeoutMs: ANSWER_TIMEOUT_MS },
      },
      await listenDeps(workspace, context, "demo", async () => {
        await placeOrder(settings, await workspace.api());
      }),
    );
    workspace.say("\nForward events to your app with: bluum-hooks listen --env emulator --forward-to 3000");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "bluum-hooks-demo-"));
  } catch (cause) {
    throw new AppError("file_unusable", `cannot create a temporary folder in ${tmpdir()}`, {
      hint: "Make it writable, or set TMPDIR (on Windows: TEMP) to another folder.",
      cause,
    });
  }
}
