import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import { readLoginLines, type LoginInput } from "../config/login-input.ts";
import { storeLogin } from "../config/save-login.ts";
import { checkAccountId, checkInvestorId } from "../config/owner-ids.ts";
import type { Settings } from "../config/settings.ts";
import type { Context } from "../context.ts";
import { commandIn, shellWord } from "../core/command-line.ts";
import { ENVIRONMENT_FACTS } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { askForLogin } from "../features/login/ask-login.ts";
import { openApi } from "../features/login/open-api.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

interface LoginFlags extends GlobalFlags {
  readonly stdin?: boolean;
}

const HELP = {
  details: `Asks for the API key and secret of an environment, for the owner of your orders (an investor or account ID), and for the authtoken and domain of ngrok. The key pair is saved only if the API accepts it. Credentials are saved per environment in a file that only you can read; those of ngrok are shared by all environments. The emulator needs no login.

With --stdin, the lines use the names of the environment variables: BLUUM_API_KEY, BLUUM_API_SECRET, BLUUM_INVESTOR_ID or BLUUM_ACCOUNT_ID, NGROK_AUTHTOKEN, NGROK_DOMAIN. Other names are ignored.`,
  examples: `  $ bluum-hooks login
  $ bluum-hooks login --env production
  $ bluum-hooks login --stdin < .env`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .option("--stdin", "read NAME=value lines from standard input")
    .action(inWorkspace(context, runLogin));
}

async function runLogin(workspace: Workspace, flags: LoginFlags): Promise<void> {
  const { config, context, settings } = workspace;
  const { environment, baseUrl } = settings;
  if (environment === "emulator") {
    workspace.say(
      "The emulator needs no login: its API key and secret are built in. To log in to the sandbox: bluum-hooks login --env sandbox",
    );
    return workspace.print({ environment, baseUrl, stored: [], path: config.path }, () => "");
  }
  await config.proveWritable();
  const prove = (pair: { apiKey: string; apiSecret: string }) =>
    proveKeyPair(pair, settings, { debug: flags.debug ?? false, env: workspace.env, context });
  const input =
    flags.stdin === true
      ? await fromStdin(context, prove)
      : await fromTerminal(workspace, context, () => {
          workspace.say(`API key and secret for ${environment} (${baseUrl})`);
          return askForLogin({
            stored: config.profile(environment),
            ngrok: config.ngrok(),
            ask: (question) => context.ask(question),
            say: (text) => workspace.say(text),
            prove,
          });
        });
  checkInvestorId(input.investorId, "BLUUM_INVESTOR_ID");
  checkAccountId(input.accountId, "BLUUM_ACCOUNT_ID");
  const stored = await storeLogin(config, settings, input);
  workspace.print({ environment, baseUrl, stored, path: config.path }, () =>
    stored.length === 0 ? "" : `Saved for ${environment}: ${stored.join(", ")}\n  ${config.path}\n`,
  );
  if (stored.length === 0) workspace.say("Nothing was entered. Nothing changed.");
  adviseOn(workspace, settings, input);
}

type Prove = (pair: { apiKey: string; apiSecret: string }) => Promise<void>;

async function fromStdin(context: Context, prove: Prove): Promise<LoginInput> {
  const input = readLoginLines((await context.readStdin()).toString("utf8"));
  const { apiKey, apiSecret } = input;
  if (apiKey !== undefined && apiSecret !== undefined) await prove({ apiKey, apiSecret });
  return input;
}

/** Throws `invalid_usage` without an interactive terminal. */
async function fromTerminal(
  workspace: Workspace,
  context: Context,
  ask: () => Promise<LoginInput>,
): Promise<LoginInput> {
  if (context.isInteractive && !workspace.json) return ask();
  throw new AppError("invalid_usage", "cannot ask for secrets: not an interactive terminal", {
    hint: "Pipe in lines such as BLUUM_API_KEY=…: bluum-hooks login --stdin < .env",
  });
}

/** Throws if the API refuses the key pair or cannot be reached. */
async function proveKeyPair(
  credentials: { readonly apiKey: string; readonly apiSecret: string },
  { environment, baseUrl }: Settings,
  { debug, env, context }: Pick<LoginFlags, "debug"> & Pick<Workspace, "env"> & { readonly context: Context },
): Promise<void> {
  await using api = await openApi(context, { environment, baseUrl, credentials }, { debug, env });
  try {
    await api.listEventTypes();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw error.with({ message: `nothing was saved: ${error.message}`, cause: error });
  }
}

/** Notes on what overrides or limits the saved credentials. */
function adviseOn(workspace: Workspace, { environment, baseUrl }: Settings, input: LoginInput): void {
  const overriding = [
    "BLUUM_API_KEY",
    "BLUUM_INVESTOR_ID",
    "BLUUM_ACCOUNT_ID",
    "NGROK_AUTHTOKEN",
    "NGROK_DOMAIN",
  ].filter((name) => workspace.env[name]?.trim());
  if (overriding.length > 0) workspace.say(`Note: ${overriding.join(", ")} is set and overrides the saved value.`);
  const isOwnHost = new URL(baseUrl).origin === new URL(ENVIRONMENT_FACTS[environment].baseUrl).origin;
  if (input.apiKey !== undefined && !isOwnHost) {
    workspace.say(
      `This key pair is sent only to ${new URL(baseUrl).host}. To use that host by default: ${commandIn(environment, `config set base-url ${shellWord(baseUrl)}`)}`,
    );
  }
}
