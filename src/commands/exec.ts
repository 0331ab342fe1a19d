import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import type { ChildEnd, Context } from "../context.ts";
import { checkBaseUrl } from "../config/base-url.ts";
import { emulatorSecret } from "../config/emulator-secret.ts";
import { retentionMs } from "../config/retention-setting.ts";
import { chooseTarget, requireCredentials, type Settings } from "../config/settings.ts";
import { constants } from "node:os";
import { DELIVERY_PATH } from "../core/defaults.ts";
import { AppError, EXIT } from "../core/errors.ts";
import { type EmulatorSettings, useEmulator } from "../features/emulator/use-emulator.ts";
import { listen, LISTEN_DEFAULTS } from "../features/listen/session.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { addEmulatorFlags, emulatorSettings, withServedOwner } from "./shared/emulator-flags.ts";
import { warnOfOutside } from "./shared/emulator-log.ts";
import { addForwardFlags, forwardingOf, type ForwardFlags } from "./shared/forward-flags.ts";
import { listenDeps } from "./shared/listen-deps.ts";
import { urlPath } from "./shared/parse.ts";
import { withProjectOptions } from "./shared/project-options.ts";
import { openWorkspace } from "./shared/workspace.ts";

const HELP = {
  details: `Starts an emulator on a free port for the command (or uses the one at --base-url), sets BLUUM_ENV, BLUUM_BASE_URL, BLUUM_API_KEY, BLUUM_API_SECRET, and BLUUM_INVESTOR_ID or BLUUM_ACCOUNT_ID, and exits with the exit code of the command. Other BLUUM_* variables and saved keys are not passed on.

With --forward-to, a listener forwards the events of the emulator to your app while the command runs; its lines go to stderr, and its webhook is deleted at the end. BLUUM_WEBHOOK_SECRET is the secret that signs the deliveries. It is the same in every run.`,
  examples: `  $ bluum-hooks exec -- npm test
  $ bluum-hooks exec --forward-to 3000 -- npm run test:webhooks
  $ bluum-hooks exec --generation legacy --market closed -- npm test
  $ bluum-hooks exec --forward-to 3000 -- bluum-hooks trigger recipe mine.yaml
  $ bluum-hooks exec -- sh -c 'curl -u "$BLUUM_API_KEY:$BLUUM_API_SECRET" \\
      "$BLUUM_BASE_URL/webhooks"'`,
};

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  withProjectOptions(command, context, ["path", "forwardTo"]);
  addEmulatorFlags(addForwardFlags(addHelp(command, HELP), context))
    .argument("<command...>", "the command and its arguments, after --")
    .option("--path <path>", "path that receives deliveries", urlPath, DELIVERY_PATH)
    .action(async (words: string[], _flags: unknown, self: Command) => {
      setExitCode(await runExec(words, self.optsWithGlobals<ExecFlags>(), context));
    });
}

type ExecFlags = GlobalFlags & ForwardFlags & EmulatorSettings;

async function runExec(words: readonly string[], flags: ExecFlags, context: Context): Promise<number> {
  const env = flags.env ?? (context.env["BLUUM_ENV"]?.trim() || "emulator");
  if (env !== "emulator") {
    throw new AppError("invalid_usage", `exec works only with the emulator; the environment is ${env}`, {
      hint: "Add --env emulator. For another environment, run the command by itself and set its variables: exec does not pass on saved keys.",
    });
  }
  // stdout belongs to the command, so the listener prints to stderr.
  const onStderr = { ...context, stdout: context.stderr };
  await using outer = await openWorkspace(flags, onStderr, { toleratesFaults: true });
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
      settings: emulatorSettings(flags),
      webhookSecret: await emulatorSecret(outer.env, stored),
      onLog: (entry) => warnOfOutside(entry, outer),
    },
    context,
  );
  const { baseUrl } = emulator;
  // The command may move money with its environment variables.
  await using workspace = await openWorkspace({ ...withServedOwner(flags), env, baseUrl }, onStderr, {
    movesMoney: true,
  });
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
      // Under a name that `listen` does not look for, and deleted when the command ends.
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
      // This webhook must not become the one that `listen` uses next.
      config: { ...config, remember: async () => {}, rememberWebhook: async () => {} },
    },
  );
  return end === undefined ? EXIT.failed : exitCodeOf(end);
}

/** Every documented domain, because a test may look for any event. */
const EVENTS = ["account.*", "order.*", "transfer.*", "document.*", "kyc.*", "compliance.*"];

/** Variables that were set for another environment could lead the command to production. */
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
    // The names in Bluum's own example app.
    BLUUM_API_BASE_URL: baseUrl,
    BLUUM_SECRET_KEY: apiSecret,
    ...(owner?.generation === "current" ? { BLUUM_INVESTOR_ID: owner.investorId } : {}),
    ...(owner?.generation === "legacy" ? { BLUUM_ACCOUNT_ID: owner.accountId } : {}),
  };
}

/** The exit code; for a program that a signal ended, 128 + the signal's number, as shells do. */
function exitCodeOf({ code, signal }: ChildEnd): number {
  return code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}
