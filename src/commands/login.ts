import type { Command } from "commander";
import type { GlobalFlags } from "./shared/flags.ts";
import { readLoginLines, type LoginInput } from "../config/login-input.ts";
import { storeLogin } from "../config/save-login.ts";
import { checkAccountId, checkInvestorId } from "../config/owner-ids.ts";
import type { Settings } from "../config/settings.ts";
import type { Context } from "../context.ts";
import { commandIn } from "../core/command-line.ts";
import { ENVIRONMENT_FACTS } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { shellWord } from "../core/shell-word.ts";
import { askForLogin } from "../features/login/ask-login.ts";
import { openApi } from "../features/login/open-api.ts";
import type { CommandDeps } from "./shared/command.ts";
import { openWorkspace, type Workspace } from "./shared/workspace.ts";

interface LoginFlags extends GlobalFlags {
  readonly stdin?: boolean;
}

export function define(command: Command, { context }: CommandDeps): void {
  command
    .option("--stdin", "read lines NAME=value, as in an env file, instead of asking")
    .addHelpText(
      "after",
      `
Asks for the API key and secret of an environment, whose orders are meant, and
for ngrok's authtoken and domain. The key pair is tried first: what the API
refuses is not stored. Kept in a file that only you can read, a pair for each
environment; ngrok's once for all of them. The emulator needs no login.

With --stdin the names are those of the variables: BLUUM_API_KEY,
BLUUM_API_SECRET, BLUUM_INVESTOR_ID or BLUUM_ACCOUNT_ID, NGROK_AUTHTOKEN,
NGROK_DOMAIN. Others are passed over.

Examples:
  $ bluum-hooks login
  $ bluum-hooks login --env production
  $ bluum-hooks login --stdin < .env
`,
    )
    .action(async (_flags: unknown, self: Command) => runLogin(self.optsWithGlobals<LoginFlags>(), context));
}

async function runLogin(flags: LoginFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { config, settings } = workspace;
  const { environment, baseUrl } = settings;
  if (environment === "emulator") {
    workspace.say(
      "The emulator needs no login: its key pair is public and built in. For the sandbox: bluum-hooks login --env sandbox",
    );
    return workspace.print({ environment, baseUrl, stored: [], path: config.path }, () => "");
  }
  const prove = (pair: { apiKey: string; apiSecret: string }) =>
    proveKeyPair(pair, settings, { debug: flags.debug ?? false, env: workspace.env, context });
  const input =
    flags.stdin === true
      ? await fromStdin(context, prove)
      : await fromTerminal(workspace, context, () => {
          workspace.say(`Key pair for ${environment}, ${baseUrl}`);
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
    stored.length === 0 ? "" : `Stored for ${environment}: ${stored.join(", ")}\n  ${config.path}\n`,
  );
  if (stored.length === 0) workspace.say("Nothing was entered, and nothing changed.");
  adviseOn(workspace, settings, input);
}

type Prove = (pair: { apiKey: string; apiSecret: string }) => Promise<void>;

async function fromStdin(context: Context, prove: Prove): Promise<LoginInput> {
  const input = readLoginLines((await context.readStdin()).toString("utf8"));
  const { apiKey, apiSecret } = input;
  if (apiKey !== undefined && apiSecret !== undefined) await prove({ apiKey, apiSecret });
  return input;
}

/** Throws `invalid_usage` where nobody can answer. */
async function fromTerminal(
  workspace: Workspace,
  context: Context,
  ask: () => Promise<LoginInput>,
): Promise<LoginInput> {
  if (context.isInteractive && !workspace.json) return ask();
  throw new AppError("invalid_usage", "cannot ask for secrets: not an interactive terminal", {
    hint: "Pipe them in, in lines such as BLUUM_API_KEY=…: bluum-hooks login --stdin < .env",
  });
}

/** Throws what the API, or the way to it, has against the pair. */
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
    const { code, hint, status, vendorCode, requestId } = error;
    const message = `nothing was stored: ${error.message}`;
    throw new AppError(code, message, { hint, status, vendorCode, requestId, cause: error });
  }
}

/** What the user would otherwise wonder about at the next command. */
function adviseOn(workspace: Workspace, { environment, baseUrl }: Settings, input: LoginInput): void {
  const stronger = ["BLUUM_API_KEY", "BLUUM_INVESTOR_ID", "BLUUM_ACCOUNT_ID", "NGROK_AUTHTOKEN", "NGROK_DOMAIN"].filter(
    (name) => workspace.env[name]?.trim(),
  );
  if (stronger.length > 0) workspace.say(`Note: ${stronger.join(", ")} is set here, and stronger than what is stored.`);
  const isOwnHost = new URL(baseUrl).origin === new URL(ENVIRONMENT_FACTS[environment].baseUrl).origin;
  if (input.apiKey !== undefined && !isOwnHost) {
    workspace.say(
      `This pair is sent to ${new URL(baseUrl).host} only. To go there always: ${commandIn(environment, `config set base-url ${shellWord(baseUrl)}`)}`,
    );
  }
}
