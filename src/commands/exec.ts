import type { Command } from "commander";
import type { GlobalFlags } from "../cli.ts";
import type { ChildEnd, Context } from "../context.ts";
import { retentionMs } from "../config/retention.ts";
import { requireCredentials, type Settings } from "../config/settings.ts";
import { constants } from "node:os";
import { AppError, EXIT } from "../core/errors.ts";
import { ensureEmulator } from "../session/emulator.ts";
import { listen, LISTEN_DEFAULTS } from "../session/listen/listen.ts";
import type { CommandDeps } from "./command.ts";
import { addForwardFlags, forwardingOf, type ForwardFlags } from "./forward-flags.ts";
import { listenDeps } from "./listen-deps.ts";
import { urlPath } from "./parse.ts";
import { openWorkspace } from "./workspace.ts";

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  addForwardFlags(command, context)
    .argument("<command...>", "what to run, after --")
    .option("--path <path>", "path that takes deliveries", urlPath, LISTEN_DEFAULTS.path)
    .addHelpText(
      "after",
      `
The command finds the API through BLUUM_BASE_URL, BLUUM_API_KEY,
BLUUM_API_SECRET, BLUUM_INVESTOR_ID or BLUUM_ACCOUNT_ID, and BLUUM_ENV. Its exit
code becomes ours. With --forward-to a listener hands the emulator's events to
your app meanwhile, and BLUUM_WEBHOOK_SECRET says what signs them; its lines go
to stderr.

Examples:
  $ bluum-hooks exec --env emulator -- npm test
  $ bluum-hooks exec --forward-to 3000 -- npm run test:webhooks
  $ bluum-hooks exec --forward-to 3000 -- bluum-hooks trigger recipe mine.yaml
  $ bluum-hooks exec -- sh -c 'curl -u "$BLUUM_API_KEY:$BLUUM_API_SECRET" \\
      "$BLUUM_BASE_URL/webhooks"'
`,
    )
    .action(async (words: string[], _flags: unknown, self: Command) => {
      setExitCode(await runExec(words, self.optsWithGlobals<ExecFlags>(), context));
    });
}

type ExecFlags = GlobalFlags & ForwardFlags;

async function runExec(words: readonly string[], flags: ExecFlags, context: Context): Promise<number> {
  // The command's own output is its own; what the listener says stands beside it, on stderr.
  await using workspace = await openWorkspace(
    { ...flags, env: flags.env ?? context.env["BLUUM_ENV"] ?? "emulator" },
    { ...context, stdout: context.stderr },
  );
  const { settings } = workspace;
  const forwarding = forwardingOf(flags, workspace);
  if (forwarding !== undefined && settings.environment !== "emulator") {
    throw new AppError("invalid_usage", "exec --forward-to listens to the emulator only", {
      hint: "For the sandbox run bluum-hooks listen --forward-to beside bluum-hooks exec.",
    });
  }
  await using emulator =
    settings.environment === "emulator" ? await ensureEmulator(settings.baseUrl, context) : undefined;
  const run = (more: Record<string, string>) =>
    context.run(words, {
      ...withoutBluum(context.env),
      ...variablesFor(settings, emulator?.baseUrl),
      ...more,
    });
  if (forwarding === undefined) return exitCodeOf(await run({}));
  let end: ChildEnd | undefined;
  await listen(
    {
      ...LISTEN_DEFAULTS,
      environment: settings.environment,
      baseUrl: emulator?.baseUrl ?? settings.baseUrl,
      path: flags.path,
      events: EVENTS,
      name: `bluum-hooks ${context.whoami}`,
      secrets: settings.webhookSecrets,
      forwarding,
      retentionMs: retentionMs(workspace.config.retention()),
    },
    await listenDeps(workspace, context, "exec", async (session) => {
      const { urls, secret } = session;
      end = await run({
        ...(urls.webhookId === null ? {} : { BLUUM_WEBHOOK_ID: urls.webhookId }),
        ...(secret === undefined ? {} : { BLUUM_WEBHOOK_SECRET: secret }),
      });
      session.stop("the command has ended");
    }),
  );
  return end === undefined ? EXIT.failed : exitCodeOf(end);
}

/** Everything that Bluum documents: a test may look for any of it. */
const EVENTS = ["account.*", "order.*", "transfer.*", "document.*"];

/** What was set for another place would lead the command there: to production, if it comes to the worst. */
function withoutBluum(env: Context["env"]): Context["env"] {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("BLUUM_") || name === "BLUUM_HOOKS_HOME"),
  );
}

function variablesFor(settings: Settings, baseUrl: string = settings.baseUrl): Record<string, string> {
  const { apiKey, apiSecret } = requireCredentials(settings);
  const { environment, owner } = settings;
  return {
    BLUUM_ENV: environment,
    BLUUM_BASE_URL: baseUrl,
    BLUUM_API_KEY: apiKey,
    BLUUM_API_SECRET: apiSecret,
    // As Bluum's own example app calls them.
    BLUUM_API_BASE_URL: baseUrl,
    BLUUM_SECRET_KEY: apiSecret,
    ...(owner?.generation === "current" ? { BLUUM_INVESTOR_ID: owner.investorId } : {}),
    ...(owner?.generation === "legacy" ? { BLUUM_ACCOUNT_ID: owner.accountId } : {}),
  };
}

/** A program that a signal ended has no code; the shell's convention gives it one. */
function exitCodeOf({ code, signal }: ChildEnd): number {
  return code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}
