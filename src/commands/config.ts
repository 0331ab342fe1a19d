import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import type { Config } from "../config/config-file.ts";
import { listProject, PROJECT_FILE, readProjectFile } from "../config/project-file.ts";
import { chooseEnvironment, resolveSettings } from "../config/settings.ts";
import { settingNamed, STORED_SETTINGS, type SettingPlace, type StoredSetting } from "../config/stored-settings.ts";
import { commandIn } from "../core/command-line.ts";
import type { Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { clean } from "../output/privacy/clean.ts";
import { table } from "../output/reports/table.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

const MASK = "••••";

const namesOf = (isSecret: boolean) =>
  STORED_SETTINGS.filter((setting) => setting.isSecret === isSecret)
    .map(({ name }) => name)
    .join(", ");

export function define(command: Command, deps: CommandDeps): void {
  const { context, setExitCode } = deps;
  addHelp(command, {
    details: `Settings: ${namesOf(false)}. Secrets: ${namesOf(true)}; save them with bluum-hooks login. A flag or environment variable overrides a saved setting.

  env            default environment: sandbox or emulator
  retention      how long deliveries are kept (default 30d); never for no limit
  sandbox-hosts  other hosts, with or without a port, to which orders, deposits
                 and withdrawals may be sent; each set replaces the list

env, ngrok-authtoken, ngrok-domain, retention and sandbox-hosts apply to all environments, the others to one (--env).`,
    examples: `  $ bluum-hooks config list
  $ bluum-hooks config set env emulator
  $ bluum-hooks config set investor inv_0123456789abcdef
  $ bluum-hooks config set retention 90d
  $ bluum-hooks config set sandbox-hosts gateway.example other.example:8443
  $ bluum-hooks config unset ngrok-domain`,
  });
  const action = (run: (opened: Opened, ...words: never[]) => void | Promise<void>) => {
    const opened = async (workspace: Workspace, ...params: never[]) =>
      run(await open(workspace, params.at(-1)!), ...params);
    return inWorkspace(context, opened, { toleratesFaults: true });
  };
  command.command("list", { isDefault: true }).description("list saved settings").action(action(list));
  command
    .command("get")
    .description("print a saved setting; exits with 1 if it is not set")
    .argument("<name>", "name of the setting")
    .action(
      action((opened, name: string) => {
        if (!get(opened, name)) setExitCode(1);
      }),
    );
  command
    .command("set")
    .description("save a setting")
    .argument("<name>", "name of the setting")
    .argument("[value...]", "value; several for sandbox-hosts")
    .action(action(set));
  command
    .command("unset")
    .description("remove a saved setting")
    .argument("<name>", "name of the setting")
    .action(action(unset));
  command
    .command("path")
    .description("print the path of the configuration file")
    .action(action(({ workspace, config: { path } }) => workspace.print({ path }, () => `${path}\n`)));
}

interface Opened {
  readonly workspace: Workspace;
  readonly config: Config;
  readonly environment: Environment;
  readonly place: SettingPlace;
}

async function open(workspace: Workspace, flags: GlobalFlags): Promise<Opened> {
  const config = await workspace.openConfig();
  const environment = chooseEnvironment({ flags, env: workspace.env });
  const baseUrl = () => resolveSettings({ flags, env: workspace.env, profile: (name) => config.profile(name) }).baseUrl;
  return { workspace, config, environment, place: { environment, baseUrl } };
}

function list(opened: Opened): void {
  const { workspace, config, environment } = opened;
  const settings = STORED_SETTINGS.map((setting) => describe(setting, opened));
  const { cwd } = workspace.context;
  const project = cwd === undefined ? undefined : readProjectFile(cwd);
  const ofProject = project === undefined ? [] : listProject(project.content);
  const document = {
    path: config.path,
    environment,
    settings,
    project: project === undefined ? null : { path: project.path, settings: Object.fromEntries(ofProject) },
  };
  workspace.print(document, () =>
    table(
      ["SETTING", "VALUE", "ENVIRONMENT"],
      [
        ...settings.map(({ name, isSet, isSecret, value, scope, overriddenBy }) => [
          name,
          isSet ? (isSecret ? MASK : clean(value ?? "")) : "-",
          `${scope === "machine" ? "all" : environment}${overriddenBy === null ? "" : ` (overridden by ${overriddenBy})`}`,
        ]),
        ...ofProject.map(([name, value]) => [name, clean(value), `from ${PROJECT_FILE}`]),
      ],
      workspace.style,
    ),
  );
}

function get(opened: Opened, name: string): boolean {
  const setting = settingNamed(name);
  const described = describe(setting, opened);
  opened.workspace.print(described, () => {
    if (!described.isSet) return "";
    return `${described.isSecret ? MASK : clean(described.value ?? "")}\n`;
  });
  if (!described.isSet) opened.workspace.say(`${setting.name} is not set for ${opened.environment}.`);
  return described.isSet;
}

async function set(opened: Opened, name: string, values: readonly string[]): Promise<void> {
  const setting = settingNamed(name);
  if (values.length > 1 && setting.isList !== true) {
    throw new AppError("invalid_usage", `${setting.name} accepts one value, not ${values.length}`, {
      hint: `Quote a value that contains spaces: bluum-hooks config set ${setting.name} VALUE`,
    });
  }
  const given = values.join(" ").trim();
  if (given === "" && !setting.isSecret) {
    throw new AppError("invalid_usage", `no value for ${setting.name}`, {
      hint: `Add a value, or remove the saved one with: ${commandIn(opened.environment, `config unset ${setting.name}`)}`,
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
    opened.workspace.say(
      `Removed the saved ${before}: only one of investor and account can be set, because it selects the API.`,
    );
  }
  const described = describe(setting, opened);
  opened.workspace.print(described, () => `${setting.name} = ${clean(described.value ?? "")}\n`);
  if (setting.name === "base-url") adviseOnKeys(opened);
  if (described.overriddenBy !== null) {
    opened.workspace.say(`Note: ${described.overriddenBy} is set and overrides the saved value.`);
  }
}

/** A saved key pair is not sent to just any host; warn now instead of at the next call. */
function adviseOnKeys({ config, environment, workspace }: Opened): void {
  // A saved owner may be invalid, and does not matter here.
  const profile = () => ({ ...config.profile(environment), investorId: undefined, accountId: undefined });
  const { credentials } = resolveSettings({ flags: { env: environment }, env: {}, profile });
  if ("missing" in credentials && credentials.names === undefined) {
    workspace.say(`Note: ${credentials.missing}. ${credentials.hint}`);
  }
}

/** Which of the two mutually exclusive settings is saved. */
function storedOwner({ config, environment }: Opened): "investor" | "account" | undefined {
  const { investorId, accountId } = config.profile(environment);
  return investorId !== undefined ? "investor" : accountId !== undefined ? "account" : undefined;
}

async function unset(opened: Opened, name: string): Promise<void> {
  const setting = settingNamed(name);
  await setting.write(opened.config, opened.place, undefined);
  opened.workspace.print(describe(setting, opened), () => `${setting.name} removed\n`);
}

/** A setting as `--json` shows it: a secret's value is left out. */
function describe(setting: StoredSetting, { config, environment, workspace }: Opened) {
  const { name, scope, isSecret } = setting;
  const value = setting.read(config, environment);
  // The emulator ignores the variables of the API.
  const variables = environment === "emulator" && scope === "environment" ? [] : setting.variables;
  // A saved env, and that of a project, are themselves read as a variable.
  const isOverridden = (variable: string) =>
    name === "env" ? workspace.environmentSource === variable : workspace.env[variable]?.trim();
  const overriddenBy =
    name === "env" && workspace.environmentSource === PROJECT_FILE ? PROJECT_FILE : variables.find(isOverridden);
  return {
    name,
    scope,
    isSecret,
    isSet: value !== undefined,
    ...(isSecret ? {} : { value: value ?? null }),
    overriddenBy: overriddenBy ?? null,
  };
}
