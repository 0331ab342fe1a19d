import type { Command } from "commander";
import type { GlobalFlags } from "./shared/flags.ts";
import type { ChildEnd, Context } from "../context.ts";
import { checkBaseUrl } from "../config/base-url.ts";
import { emulatorSecret } from "../config/emulator-secret.ts";
import { retentionMs } from "../config/retention-setting.ts";
import { chooseTarget, requireCredentials, type Settings } from "../config/settings.ts";
import { constants } from "node:os";
import { AppError, EXIT } from "../core/errors.ts";
import { useEmulator } from "../features/emulator/use-emulator.ts";
import { listen, LISTEN_DEFAULTS } from "../features/listen/session.ts";
import type { CommandDeps } from "./shared/command.ts";
import { warnOfOutside } from "./shared/emulator-log.ts";
import { addForwardFlags, forwardingOf, type ForwardFlags } from "./shared/forward-flags.ts";
import { listenDeps } from "./shared/listen-deps.ts";
import { urlPath } from "./shared/parse.ts";
import { openWorkspace } from "./shared/workspace.ts";

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  addForwardFlags(command, context)
    .argument("<command...>", "what to run, after --")
    .option("--path <path>", "path that takes deliveries", urlPath, LISTEN_DEFAULTS.path)
    .addHelpText(
      "after",
      `
The command gets an emulator of its own, on a free port; with --base-url or
BLUUM_BASE_URL it uses the one there. It finds it through BLUUM_BASE_URL,
BLUUM_API_KEY, BLUUM_API_SECRET, BLUUM_INVESTOR_ID or BLUUM_ACCOUNT_ID, and
BLUUM_ENV; other BLUUM_* variables, and stored keys, are not passed on. Its exit
code becomes ours. With --forward-to a listener forwards the emulator's events
to your app meanwhile, through a webhook that is deleted at the end; its lines
go to stderr. BLUUM_WEBHOOK_SECRET says what signs the events, and is the same
each time.

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
  const env = flags.env ?? (context.env["BLUUM_ENV"]?.trim() || "emulator");
  if (env !== "emulator") {
    throw new AppError("invalid_usage", `exec runs a command against an emulator only, and the environment is ${env}`, {
      hint: "Add --env emulator. For the sandbox run the command by itself, with variables of its own: bluum-hooks passes no stored keys on.",
    });
  }
  // The command's own output is its own; what the listener says stands beside it, on stderr.
  const beside = { ...context, stdout: context.stderr };
  await using outer = await openWorkspace(flags, beside, { toleratesFaults: true });
  const stored = await outer.openConfig();
  const { baseUrl: namedUrl, isDefault } = chooseTarget({
    flags: { ...flags, env },
    env: outer.env,
    profile: (environment) => stored.profile(environment),
  });
  await using emulator = await useEmulator(
    {
      baseUrl: isDefault ? undefined : checkBaseUrl(namedUrl, "emulator"),
      command: "exec",
      webhookSecret: await emulatorSecret(outer.env, stored),
      onLog: (entry) => warnOfOutside(entry, outer),
    },
    context,
  );
  const { baseUrl } = emulator;
  // What the command does with its variables may move money.
  await using workspace = await openWorkspace({ ...flags, env, baseUrl }, beside, { movesMoney: true });
  const { settings, config } = workspace;
  const forwarding = forwardingOf(flags, workspace);
  workspace.say(`Emulator: ${emulator.description}.`);
  const run = (more: Record<string, string>) =>
    context.run(words, { ...withoutBluum(context.env), ...variablesFor(settings), ...more });
  const { webhookSecret } = emulator;
  const signing = webhookSecret === undefined ? {} : { BLUUM_WEBHOOK_SECRET: webhookSecret };
  if (forwarding === undefined) return exitCodeOf(await run(signing));
  let end: ChildEnd | undefined;
  await listen(
    {
      ...LISTEN_DEFAULTS,
      environment: settings.environment,
      baseUrl,
      path: flags.path,
      events: EVENTS,
      // Its own, under a name that no listen looks for, and gone when the command has ended.
      isNew: true,
      onExit: "delete",
      name: `bluum-hooks exec ${context.whoami}`,
      secrets: settings.webhookSecrets,
      forwarding,
      retentionMs: retentionMs(config.retention()),
    },
    {
      ...(await listenDeps(workspace, context, "exec", async (session) => {
        const { urls, secret } = session;
        end = await run({
          ...(urls.webhookId === null ? {} : { BLUUM_WEBHOOK_ID: urls.webhookId }),
          ...(secret === undefined ? signing : { BLUUM_WEBHOOK_SECRET: secret }),
        });
        session.stop("the command has ended");
      })),
      // What listen remembers stays as it is: this webhook is not the one to be used next.
      config: { ...config, remember: async () => {}, rememberWebhook: async () => {} },
    },
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

function variablesFor(settings: Settings): Record<string, string> {
  const { apiKey, apiSecret } = requireCredentials(settings);
  const { environment, baseUrl, owner } = settings;
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
