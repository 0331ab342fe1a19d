import type { Command } from "commander";
import type { GlobalFlags } from "./shared/flags.ts";
import type { Config } from "../config/config-file.ts";
import { chooseEnvironment, resolveSettings } from "../config/settings.ts";
import { settingNamed, STORED_SETTINGS, type SettingPlace, type StoredSetting } from "../config/stored-settings.ts";
import type { Context } from "../context.ts";
import { commandIn } from "../core/command-line.ts";
import type { Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { clean } from "../output/privacy/clean.ts";
import { table } from "../output/reports/table.ts";
import type { CommandDeps } from "./shared/command.ts";
import { openWorkspace, type Workspace } from "./shared/workspace.ts";

const MASK = "••••";

const namesOf = (isSecret: boolean) =>
  STORED_SETTINGS.filter((setting) => setting.isSecret === isSecret)
    .map(({ name }) => name)
    .join(", ");

export function define(command: Command, deps: CommandDeps): void {
  const { context, setExitCode } = deps;
  command.addHelpText(
    "after",
    `
Settings: ${namesOf(false).replace("ngrok-domain, ", "ngrok-domain,\n")}.
Secrets: ${namesOf(true)};
they are entered with login, and shown as ${MASK} only.
Each is kept for one environment (--env), but env, ngrok's, retention and
sandbox-hosts for all. A flag or variable is stronger. env is the default
environment, sandbox or emulator. retention is how long deliveries are kept: 30d
unless it is set; never, or 0, is no limit. sandbox-hosts are further hosts,
with a port or without, to which orders, deposits and withdrawals may be sent:
they are replaced by each set.

Examples:
  $ bluum-hooks config list
  $ bluum-hooks config set env emulator
  $ bluum-hooks config set investor inv_0123456789abcdef
  $ bluum-hooks config set retention 90d
  $ bluum-hooks config set sandbox-hosts gateway.example other.example:8443
  $ bluum-hooks config unset ngrok-domain
`,
  );
  const flagsOf = (self: Command) => self.optsWithGlobals<GlobalFlags>();
  command
    .command("list", { isDefault: true })
    .description("list what is stored")
    .action(async (_flags: unknown, self: Command) => list(flagsOf(self), context));
  command
    .command("get")
    .description("print one setting; exit code 1 if it is not stored")
    .argument("<name>", "its name")
    .action(async (name: string, _flags: unknown, self: Command) => {
      if (!(await get(name, flagsOf(self), context))) setExitCode(1);
    });
  command
    .command("set")
    .description("store a setting")
    .argument("<name>", "its name")
    .argument("[value...]", "its value; of sandbox-hosts, one or more")
    .action(async (name: string, values: readonly string[], _flags: unknown, self: Command) =>
      set(name, values, flagsOf(self), context),
    );
  command
    .command("unset")
    .description("forget a setting")
    .argument("<name>", "its name")
    .action(async (name: string, _flags: unknown, self: Command) => unset(name, flagsOf(self), context));
  command
    .command("path")
    .description("print where the file is")
    .action(async (_flags: unknown, self: Command) => {
      await using opened = await open(flagsOf(self), context);
      const { path } = opened.config;
      opened.workspace.print({ path }, () => `${path}\n`);
    });
}

interface Opened extends AsyncDisposable {
  readonly workspace: Workspace;
  readonly config: Config;
  readonly environment: Environment;
  readonly place: SettingPlace;
}

async function open(flags: GlobalFlags, context: Context): Promise<Opened> {
  const workspace = await openWorkspace(flags, context, { toleratesFaults: true });
  const config = await workspace.openConfig();
  const environment = chooseEnvironment({ flags, env: workspace.env });
  const baseUrl = () => resolveSettings({ flags, env: workspace.env, profile: (name) => config.profile(name) }).baseUrl;
  const place = { environment, baseUrl };
  return { workspace, config, environment, place, [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]() };
}

async function list(flags: GlobalFlags, context: Context): Promise<void> {
  await using opened = await open(flags, context);
  const { workspace, config, environment } = opened;
  const settings = STORED_SETTINGS.map((setting) => describe(setting, opened));
  workspace.print({ path: config.path, environment, settings }, () =>
    table(
      ["SETTING", "STORED", "FOR"],
      settings.map(({ name, isSet, isSecret, value, scope, overriddenBy }) => [
        name,
        isSet ? (isSecret ? MASK : clean(value ?? "")) : "-",
        `${scope === "machine" ? "all" : environment}${overriddenBy === null ? "" : `, but ${overriddenBy} is set`}`,
      ]),
      workspace.style,
    ),
  );
}

async function get(name: string, flags: GlobalFlags, context: Context): Promise<boolean> {
  const setting = settingNamed(name);
  await using opened = await open(flags, context);
  const described = describe(setting, opened);
  opened.workspace.print(described, () => {
    if (!described.isSet) return "";
    return `${described.isSecret ? MASK : clean(described.value ?? "")}\n`;
  });
  if (!described.isSet) opened.workspace.say(`${setting.name} is not stored for ${opened.environment}.`);
  return described.isSet;
}

async function set(name: string, values: readonly string[], flags: GlobalFlags, context: Context): Promise<void> {
  const setting = settingNamed(name);
  if (values.length > 1 && setting.isList !== true) {
    throw new AppError("invalid_usage", `${setting.name} has one value, and ${values.length} were given`, {
      hint: `Give one, in quotation marks if it has spaces: bluum-hooks config set ${setting.name} VALUE`,
    });
  }
  await using opened = await open(flags, context);
  const given = values.join(" ").trim();
  if (given === "" && !setting.isSecret) {
    throw new AppError("invalid_usage", `no value was given for ${setting.name}`, {
      hint: `Give one, or forget the one that is stored with: ${commandIn(opened.environment, `config unset ${setting.name}`)}`,
    });
  }
  const risk = setting.risk?.(given);
  if (risk !== undefined && !(await opened.workspace.confirm(`${risk} Set it?`))) {
    return opened.workspace.say("Nothing was changed.");
  }
  const before = storedOwner(opened);
  await setting.write(opened.config, opened.place, given);
  const after = storedOwner(opened);
  if (before !== undefined && after !== undefined && before !== after) {
    opened.workspace.say(`The ${before} that was stored is forgotten: which of the two is known chooses the API.`);
  }
  const described = describe(setting, opened);
  opened.workspace.print(described, () => `${setting.name} = ${clean(described.value ?? "")}\n`);
  if (setting.name === "base-url") adviseOnKeys(opened);
  if (described.overriddenBy !== null) {
    opened.workspace.say(`Mind that ${described.overriddenBy} is set here, and stronger than what is stored.`);
  }
}

/** A stored key pair does not follow a base URL to any host: better known now than at the next call. */
function adviseOnKeys({ config, environment, workspace }: Opened): void {
  // What else is stored may be wrong, and is not asked for here.
  const profile = () => ({ ...config.profile(environment), investorId: undefined, accountId: undefined });
  const { credentials } = resolveSettings({ flags: { env: environment }, env: {}, profile });
  if ("missing" in credentials && credentials.names === undefined) {
    workspace.say(`Mind that ${credentials.missing}. ${credentials.hint}`);
  }
}

/** Which of the two settings that exclude each other is stored. */
function storedOwner({ config, environment }: Opened): "investor" | "account" | undefined {
  const { investorId, accountId } = config.profile(environment);
  return investorId !== undefined ? "investor" : accountId !== undefined ? "account" : undefined;
}

async function unset(name: string, flags: GlobalFlags, context: Context): Promise<void> {
  const setting = settingNamed(name);
  await using opened = await open(flags, context);
  await setting.write(opened.config, opened.place, undefined);
  opened.workspace.print(describe(setting, opened), () => `${setting.name} is not stored any more\n`);
}

/** A setting as `--json` shows it: a secret's value is left out. */
function describe(setting: StoredSetting, { config, environment, workspace }: Opened) {
  const { name, scope, isSecret } = setting;
  const value = setting.read(config, environment);
  // With the emulator the variables of the API are not looked at.
  const variables = environment === "emulator" && scope === "environment" ? [] : setting.variables;
  return {
    name,
    scope,
    isSecret,
    isSet: value !== undefined,
    ...(isSecret ? {} : { value: value ?? null }),
    // What is stored of env stands beneath the variables itself.
    overriddenBy:
      variables.find((each) => workspace.env[each]?.trim() && (name !== "env" || workspace.env[each] !== value)) ??
      null,
  };
}
