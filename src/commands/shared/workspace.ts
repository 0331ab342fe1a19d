import type { Command } from "commander";
import type { BluumClient } from "../../bluum/client.ts";
import type { GlobalFlags } from "./command.ts";
import type { Config } from "../../config/config-file.ts";
import { readEnvFile, withEnvFile } from "../../config/env-file.ts";
import { homeFolder } from "../../config/folders.ts";
import { peekProjectFile, type ProjectFile, readProjectFile } from "../../config/project-file.ts";
import { type EnvironmentSource, withDefaultEnvironment } from "../../config/read-config.ts";
import { chooseTarget, resolveSettings, type Settings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import type { Environment } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import type { NewFact } from "../../core/facts.ts";
import { proxyFor } from "../../core/proxy.ts";
import { secretsIn } from "../../core/secrets.ts";
import { isEmulatorRunning } from "../../features/emulator/use-emulator.ts";
import { openApi } from "../../features/login/open-api.ts";
import { createMoneyGate } from "../../features/trigger/money-gate.ts";
import type { WebhookJournal } from "../../features/webhooks/journal.ts";
import { createRenderer } from "../../output/live/renderer.ts";
import type { Renderer } from "../../output/live/sink.ts";
import type { Probe } from "../../platform/probe.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { LockHolder, Store, StoreReader } from "../../store/store.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** What a command works with: its settings, its output, and the resources that are opened when first needed. */
export interface Workspace extends Terminal, AsyncDisposable {
  readonly context: Context;
  /** The variables of the process, then those of `--env-file`, then `BLUUM_ENV` of the project or as stored. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly environmentSource: EnvironmentSource;
  readonly folder: string;
  readonly config: Config;
  readonly settings: Settings;
  readonly holder: LockHolder;
  readonly renderer: Renderer;
  /** Opens the config, and warns if it was renamed. Needed only by a command that `toleratesFaults`. */
  openConfig(): Promise<Config>;
  /** Created if it is missing. */
  store(): Promise<Store>;
  /** For queries only: nothing is created, and the store may be read-only. */
  storeReader(): Promise<StoreReader>;
  /** A client of the API whose calls are aborted by the signal; the default is the command's signal. */
  api(signal?: AbortSignal): Promise<BluumClient>;
  /** Changes webhooks. It recovers the changes of earlier sessions only on request. */
  journal(): Promise<WebhookJournal>;
  /** One harmless request to a host, through the environment's proxy for it. */
  readonly probe: Probe;
}

interface WorkspaceOptions {
  /** Additional variables: `demo` uses a separate folder. */
  readonly env?: Readonly<Record<string, string>>;
  /** The target must accept money; checked before other settings, whose errors would lead the user there. */
  readonly movesMoney?: boolean;
  /** The command works with an invalid setting: config and settings are read only on request. */
  readonly toleratesFaults?: boolean;
}

/** The variables and the folder of a command line. Throws `invalid_setting` for an invalid project file. */
export async function readVariables(
  flags: GlobalFlags,
  context: Pick<Context, "env" | "secrets" | "cwd">,
  { env: overrides = {}, toleratesFaults = false }: WorkspaceOptions = {},
): Promise<Pick<Workspace, "env" | "folder" | "environmentSource">> {
  const fromFile = flags.envFile === undefined ? {} : await readEnvFile(flags.envFile);
  const variables = { ...withEnvFile(fromFile, context.env), ...overrides };
  context.secrets.learn(secretsIn(variables));
  const folder = homeFolder(variables);
  const readProject: (from: string) => ProjectFile | undefined = toleratesFaults ? peekProjectFile : readProjectFile;
  const project = context.cwd === undefined ? undefined : readProject(context.cwd);
  return { ...withDefaultEnvironment(variables, folder, project), folder };
}

/**
 * The action of a command that works in one workspace, which is closed when the command ends. It is called with the
 * command's arguments, and then its flags.
 */
export function inWorkspace(
  context: Context,
  run: (workspace: Workspace, ...params: never[]) => Promise<void>,
  options?: WorkspaceOptions,
): (...params: unknown[]) => Promise<void> {
  return async (...params) => {
    const flags = (params.at(-1) as Command).optsWithGlobals<GlobalFlags>();
    await using workspace = await openWorkspace(flags, context, options);
    await run(workspace, ...([...params.slice(0, -2), flags] as never[]));
  };
}

export async function openWorkspace(
  flags: GlobalFlags,
  context: Context,
  options: WorkspaceOptions = {},
): Promise<Workspace> {
  const { env, folder, environmentSource } = await readVariables(flags, context, options);
  const terminal = createTerminal(flags, context, env);
  const { json, color, warn } = terminal;
  context.waits.onSlow((what) => terminal.say(`Waiting for ${what} …`));
  const undo = new UndoStack();
  let openedConfig: Config | undefined;
  let resolved: Settings | undefined;
  let opened: Promise<Store> | undefined;
  let openedReader: Promise<StoreReader> | undefined;
  const own = <Opened extends StoreReader>(store: Opened): Opened => {
    undo.push(() => store[Symbol.asyncDispose]());
    store.onNotice(warn);
    return store;
  };
  const sources = { flags, env, profile: (environment: Environment) => workspace.config.profile(environment) };
  const requireSandbox = createMoneyGate({
    get config() {
      return workspace.config;
    },
    async journal() {
      const { hasStore } = await import("../../store/file.ts");
      const changes = async () => (await workspace.storeReader()).changes;
      return hasStore(folder) ? (await changes()).list(MAX_CHANGES, { environment: "production" }) : [];
    },
    lookUp: (host, signal) => context.lookUp(host, signal),
    signal: context.signal,
  });
  const renderer = createRenderer({
    json,
    stdout: context.stdout,
    stderr: context.stderr,
    color,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true,
    clock: context.clock,
  });
  undo.push(() => renderer.close());
  const holder = { pid: context.pid, since: context.clock.now(), what: "bluum-hooks" };
  // Only a session prints facts as records. Other commands print one document.
  const publish = (fact: NewFact) => {
    if (fact.type === "warning") warn(fact);
    else if (!json) renderer.fact({ ...fact, at: context.clock.now() });
  };
  const workspace: Workspace = {
    ...terminal,
    context,
    env,
    environmentSource,
    folder,
    holder,
    renderer,
    get config() {
      if (openedConfig === undefined) throw new Error("the config has not been opened");
      return openedConfig;
    },
    get settings() {
      return (resolved ??= resolveSettings(sources));
    },
    async openConfig() {
      openedConfig = await context.openConfig(folder);
      warnIfSetAside(openedConfig, terminal);
      return openedConfig;
    },
    probe: (url, signal, request) => context.probe(url, signal, { ...request, proxy: proxyFor(url, env) }),
    store: () => (opened ??= context.openStore(folder).then(own)),
    storeReader: () => opened ?? (openedReader ??= context.openStoreReader(folder).then(own)),
    async api(signal) {
      const { settings } = workspace;
      if (
        settings.environment === "emulator" &&
        !(await isEmulatorRunning(settings.baseUrl, signal ?? context.signal))
      ) {
        throw new AppError("api_unreachable", `no emulator runs at ${settings.baseUrl}`, {
          hint: "Start one with: bluum-hooks emulator",
        });
      }
      const beforeMoney = () => requireSandbox(settings);
      const api = await openApi(context, settings, { signal, debug: flags.debug, env, beforeMoney });
      undo.push(() => api[Symbol.asyncDispose]());
      return api;
    },
    async journal() {
      const { WebhookJournal: Journal } = await import("../../features/webhooks/journal.ts");
      const [api, store] = [await workspace.api(), await workspace.store()];
      const { clock, signal } = context;
      const { settings, config, probe } = workspace;
      const shared = { store, config, clock, signal, holder, probe, publish };
      return new Journal({ ...settings, ...shared, api, openApi: (deadline) => workspace.api(deadline) });
    },
    [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
  };
  if (options.toleratesFaults === true) return workspace;
  await workspace.openConfig();
  if (options.movesMoney === true) await requireSandbox(chooseTarget(sources));
  resolved = resolveSettings(sources);
  return workspace;
}

function warnIfSetAside({ setAside, path: config }: Config, { warn }: Pick<Terminal, "warn">): void {
  if (setAside === undefined) return;
  const { fault, path } = setAside;
  const what = `the config file cannot be parsed (${fault})`;
  if (path === undefined) {
    return warn({
      code: "config_damaged",
      message: `${what}, cannot be renamed, and is ignored: ${config}`,
      hint: "Correct it, or choose another folder with BLUUM_HOOKS_HOME.",
    });
  }
  warn({
    code: "config_damaged",
    message: `${what}; it is kept as ${path}, and an empty one is used`,
    hint: "Copy what you need from it with: bluum-hooks login, and bluum-hooks config set. Then delete it.",
  });
}

/** More changes than anybody makes in production. */
const MAX_CHANGES = 10_000;
