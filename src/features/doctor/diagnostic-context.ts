import { statSync } from "node:fs";
import { join } from "node:path";
import type { BluumClient } from "../../bluum/client.ts";
import type { Config } from "../../config/config-file.ts";
import type { EnvironmentSource } from "../../config/read-config.ts";
import { resolveSettings, requireCredentials, type SettingFlags, type Settings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import { commandLine } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { proxyFor } from "../../core/proxy.ts";
import type { ProbeAnswer } from "../../platform/probe.ts";
import type { Integrity } from "../../store/quick-check.ts";
import type { StoreReader } from "../../store/store.ts";
import { isEmulatorRunning } from "../emulator/use-emulator.ts";
import { openApi } from "../login/open-api.ts";

/**
 * What the checks examine. Each part is loaded once; a part that fails to load rejects with the same error for each check.
 */
export interface DiagnosticContext extends AsyncDisposable {
  readonly context: Context;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What names the environment; undefined: it is the default. */
  readonly environmentSource: EnvironmentSource | "--env";
  readonly folder: string;
  /** Mode bits of the config file before this program opened it and made it private; undefined if there was none. */
  readonly configModeFound: number | undefined;
  config(): Promise<Config>;
  settings(): Promise<Settings>;
  store(): Promise<StoreReader>;
  /** Whether a database is damaged, as far as that can be determined within the time limit. */
  integrityOf(file: string): Promise<Integrity>;
  /** How far the API's clock is ahead of this machine's, in milliseconds; null without a Date header. */
  clockSkewMs(): Promise<number | null>;
  /** One harmless request to a host, through the proxy configured for it. */
  probe(url: URL): Promise<ProbeAnswer>;
  /** A client whose key pair the API has accepted. */
  api(): Promise<BluumClient>;
  /** Whether the environment is an emulator that is not running, which is not a problem. */
  isEmulatorAbsent(): Promise<boolean>;
  /** A command for the examined target: `bluum-hooks … --env production`. */
  command(words: string): Promise<string>;
}

interface DiagnosticSources {
  readonly context: Context;
  readonly flags: SettingFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly environmentSource: EnvironmentSource;
  readonly folder: string;
  readonly openConfig: () => Promise<Config>;
}

/** For one call with its retries. */
const CALL_DEADLINE_MS = 8_000;

export function openDiagnostics(sources: DiagnosticSources): DiagnosticContext {
  const { context, flags, env, folder, openConfig } = sources;
  const opened: AsyncDisposable[] = [];
  const configModeFound = statSync(join(folder, "config.json"), { throwIfNoEntry: false })?.mode;
  const config = once(openConfig);
  const settings = once(async () => {
    const stored = await config();
    return resolveSettings({ flags, env, profile: (environment) => stored.profile(environment) });
  });
  const diagnostics: DiagnosticContext = {
    context,
    env,
    environmentSource: flags.env === undefined ? sources.environmentSource : "--env",
    folder,
    configModeFound,
    config,
    settings,
    store: once(async () => {
      const store = await context.openStoreReader(folder);
      opened.push(store);
      return store;
    }),
    integrityOf: async (file) => {
      const { checkIntegrity } = await import("../../store/integrity.ts");
      return checkIntegrity(file, { signal: context.signal });
    },
    probe: async (url) => context.probe(url, context.signal, { proxy: proxyFor(url, env) }),
    clockSkewMs: once(async () => {
      const { baseUrl } = await settings();
      const before = context.clock.now();
      const answer = await diagnostics.probe(new URL(`${baseUrl}/webhooks/event-types`));
      if (answer.kind === "failed") {
        throw new AppError("api_unreachable", `cannot reach ${baseUrl}: ${answer.reason}`, {
          hint: "Check the network, and the base URL (--base-url, BLUUM_BASE_URL).",
        });
      }
      const sentAt = Date.parse(answer.headers["date"] ?? "");
      // The header has whole seconds: on average half a second has passed.
      return Number.isNaN(sentAt) ? null : sentAt + 500 - (before + context.clock.now()) / 2;
    }),
    api: once(async () => {
      requireCredentials(await settings());
      await diagnostics.clockSkewMs();
      const api = await openApi(context, await settings(), { deadlineMs: CALL_DEADLINE_MS, env });
      opened.push(api);
      await api.listEventTypes();
      return api;
    }),
    isEmulatorAbsent: once(async () => {
      const { environment, baseUrl } = await settings();
      return environment === "emulator" && !(await isEmulatorRunning(baseUrl, context.signal));
    }),
    command: async (words) => commandLine(words, await settings()),
    async [Symbol.asyncDispose]() {
      for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
    },
  };
  return diagnostics;
}

function once<T>(get: () => Promise<T>): () => Promise<T> {
  let got: Promise<T> | undefined;
  return () => (got ??= get());
}

/**
 * The result of one check. `warning`: it works with a restriction. `problem`: it does not work; the remedy fixes it.
 */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly message: string;
  /** What to do: a sentence, or the exact command. */
  readonly remedy?: string | undefined;
  /** The webhook that it concerns. */
  readonly webhookId?: string | undefined;
}

export const ok = (message: string): Finding => ({ level: "ok", message });
export const warning = (message: string, remedy?: string): Finding => ({ level: "warning", message, remedy });
export const problem = (message: string, remedy?: string): Finding => ({ level: "problem", message, remedy });
