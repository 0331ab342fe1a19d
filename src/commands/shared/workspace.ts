import type { BluumClient } from "../../bluum/client.ts";
import type { GlobalFlags } from "./flags.ts";
import type { Config } from "../../config/config-file.ts";
import { chooseTarget, resolveSettings, type Settings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import type { Environment } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import type { NewFact } from "../../core/facts.ts";
import { proxyFor } from "../../core/proxy.ts";
import { createRenderer } from "../../output/live/renderer.ts";
import type { LockHolder, Store, StoreReader } from "../../store/store.ts";
import type { Probe } from "../../platform/probe.ts";
import { UndoStack } from "../../platform/undo.ts";
import { isEmulatorRunning } from "../../features/emulator/use-emulator.ts";
import { WebhookJournal } from "../../features/webhooks/journal.ts";
import { createMoneyGate } from "../../features/trigger/money-gate.ts";
import { openApi } from "../../features/login/open-api.ts";
import { openHome, type Home } from "./home.ts";
import type { Renderer } from "../../output/live/sink.ts";

/** What a command works with: its settings, and the things that are opened only when they are asked for. */
export interface Workspace extends AsyncDisposable {
  /** The variables: those of the process, and beneath them those of `--env-file`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly config: Config;
  readonly color: boolean;
  /** For tables: the terminal's width and colours; a pipe has neither. */
  readonly style: { readonly color: boolean; readonly width?: number };
  readonly holder: LockHolder;
  readonly renderer: Renderer;
  /** Made if it is not there. */
  store(): Promise<Store>;
  /** For what is only looked up: nothing is made, and it need not be writable. */
  storeReader(): Promise<StoreReader>;
  /** A client of the API whose calls end when the signal aborts; the caller's wish to stop, unless another is given. */
  api(signal?: AbortSignal): Promise<BluumClient>;
  /** By which webhooks are changed. What earlier sessions left behind is recovered when it is asked to. */
  journal(): Promise<WebhookJournal>;
  /** Asks, unless `--yes`. Throws `confirmation_required` where nobody can answer. */
  confirm(question: string): Promise<boolean>;
  readonly print: Home["print"];
  /** Writes a part of the result as it comes: human text, for a command that prints more than one. */
  write(text: string): void;
  readonly say: Home["say"];
  readonly warn: Home["warn"];
  /** One harmless request to a host, through the proxy that the environment names for it. */
  readonly probe: Probe;
}

/**
 * Opens what a command works with. `env` comes from `demo`, which lives in a folder of its own. A command that `movesMoney`
 * is refused where money must not go before its other settings are read: advice on how to go there would be wrong.
 */
export async function openWorkspace(
  flags: GlobalFlags,
  context: Context,
  overrides: { readonly env?: Readonly<Record<string, string>>; readonly movesMoney?: boolean } = {},
): Promise<Workspace> {
  const home = await openHome(flags, context, overrides);
  const { env, folder, json, color } = home;
  const config = await home.openConfig();
  const undo = new UndoStack();
  let opened: Promise<Store> | undefined;
  let openedReader: Promise<StoreReader> | undefined;
  const own = <Opened extends StoreReader>(store: Opened): Opened => {
    undo.push(() => store[Symbol.asyncDispose]());
    store.onNotice(({ code, message, hint }) => home.warn(code, message, hint));
    return store;
  };
  const openStore = () => (opened ??= context.openStore(folder).then(own));
  const openStoreReader = () => opened ?? (openedReader ??= context.openStoreReader(folder).then(own));
  const requireSandbox = createMoneyGate({
    config,
    journal: async () => {
      const { hasStore } = await import("../../store/file.ts");
      return hasStore(folder) ? (await openStoreReader()).changes.list(MAX_CHANGES, { environment: "production" }) : [];
    },
    lookUp: (host, signal) => context.lookUp(host, signal),
    signal: context.signal,
  });
  const sources = { flags, env, profile: (environment: Environment) => config.profile(environment) };
  if (overrides.movesMoney === true) await requireSandbox(chooseTarget(sources));
  const settings = resolveSettings(sources);
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
  // Facts are records only where a session tells its life. A command that ends prints one document, and these are not it.
  const publish = (fact: NewFact) => {
    if (fact.type === "warning") home.warn(fact.code, fact.message, fact.hint);
    else if (!json) renderer.fact({ ...fact, at: context.clock.now() });
  };
  const workspace: Workspace = {
    env,
    settings,
    config,
    color,
    style: { color, ...(context.stdout.isTTY ? { width: context.stdout.columns } : {}) },
    holder,
    renderer,
    probe: (url, signal, request) => context.probe(url, signal, { ...request, proxy: proxyFor(url, env) }),
    store: openStore,
    storeReader: openStoreReader,
    async api(signal) {
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
      const [api, store] = [await workspace.api(), await workspace.store()];
      const { clock, signal } = context;
      const { probe } = workspace;
      const shared = { store, config, clock, signal, holder, probe, publish };
      return new WebhookJournal({ ...settings, ...shared, api, openApi: (deadline) => workspace.api(deadline) });
    },
    confirm: home.confirm,
    print: home.print,
    write: (text) => context.stdout.write(text),
    say: home.say,
    warn: home.warn,
    [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
  };
  return workspace;
}

/** More than anybody promotes or registers in production. */
const MAX_CHANGES = 10_000;
