import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../core/errors.ts";
import { systemClock, type Clock } from "../platform/clock.ts";
import type { Waits } from "../platform/waits.ts";
import { makePrivateFolder } from "../platform/folder.ts";
import { parseConfig, readConfigFile, setAside, type SetAside } from "./damage.ts";
import { withLock } from "./lock.ts";
import {
  profileIn,
  type ConfigFile,
  type Profile,
  type ProfilePatch,
  type RememberedWebhook,
  type StoredNgrok,
} from "./profile.ts";

export type { SetAside } from "./damage.ts";
export type { Profile, ProfilePatch, RememberedWebhook, StoredNgrok } from "./profile.ts";

/** What this machine remembers of each environment. Reads see what other processes have written meanwhile. */
export interface Config {
  readonly path: string;
  /** The file as it was found, if it could not be understood: it was renamed, and an empty one took its place. */
  readonly setAside: SetAside | undefined;
  profile(environment: string): Profile;
  ngrok(): StoredNgrok;
  remember(environment: string, patch: ProfilePatch): Promise<void>;
  /** A secret that is already known for this webhook of this API stays, if no new one is given. */
  rememberWebhook(environment: string, id: string, webhook: RememberedWebhook): Promise<void>;
  forgetWebhook(environment: string, id: string): Promise<void>;
  /** Values to remember. An undefined one is forgotten. */
  rememberNgrok(patch: StoredNgrok): Promise<void>;
  /** What emulators sign with; made by the first call. */
  emulatorSecret(): Promise<string>;
  /** How long deliveries are kept on this machine, as it was set: `30d`, `never`. */
  retention(): string | undefined;
  rememberRetention(retention: string | undefined): Promise<void>;
  /** The environment where neither a flag nor a variable names one. */
  defaultEnvironment(): string | undefined;
  rememberDefaultEnvironment(environment: string | undefined): Promise<void>;
  /** Hosts, each with a port or without, that the user has declared to be sandboxes. */
  sandboxHosts(): readonly string[];
  rememberSandboxHosts(hosts: readonly string[] | undefined): Promise<void>;
}

/**
 * Opens `config.json` in the folder, readable by the user alone. A file that cannot be understood is kept under another
 * name. Throws `file_unusable` if the folder cannot be used; later, `config_damaged` if the file has become unreadable.
 */
export async function openConfig(options: {
  readonly folder: string;
  readonly clock?: Clock;
  /** Ends the wait for another process that writes the file. */
  readonly signal?: AbortSignal;
  readonly waits?: Waits;
}): Promise<Config> {
  const { folder, clock = systemClock, signal, waits } = options;
  const path = join(folder, "config.json");
  const underLock = <T>(action: () => T) => withLock(`${path}.lock`, { clock, signal, waits }, action);

  const found = await attempt(path, async () => {
    makePrivateFolder(folder);
    await keepPrivate(path);
    if (readConfigFile(path).kind === "good") return undefined;
    // Read again: another process may have set it aside meanwhile, and what stands there now is good.
    return underLock(() => {
      const reading = readConfigFile(path);
      return reading.kind === "good" ? undefined : setAside(path, reading.fault, clock.now());
    });
  });

  const read = (): ConfigFile => {
    const reading = attemptNow(path, () => readConfigFile(path));
    if (reading.kind === "good") return reading.file;
    throw new AppError("config_damaged", `the config file has become damaged: ${reading.fault}\n${path}`, {
      hint: "Run the command again: it keeps the damaged file under another name and starts with an empty one.",
    });
  };

  /** Reads, changes and writes while no other process can. */
  async function change(update: (file: ConfigFile) => ConfigFile): Promise<void> {
    // Most commands only read.
    const { default: Conf } = await import("conf");
    const place = { cwd: folder, configName: "config", configFileMode: 0o600, accessPropertiesByDotNotation: false };
    // It reads the file once more by itself.
    const deserialize = (text: string) => parseConfig(text) as ConfigFile;
    await attempt(path, () =>
      underLock(() => {
        removeLeftovers(folder);
        const changed = update(read());
        new Conf({ ...place, deserialize }).store = changed;
      }),
    );
  }
  const changeProfile = (environment: string, update: (profile: Profile) => Profile) =>
    change((file) => {
      const profile = withoutUndefined(update(profileIn(file, environment)));
      return { ...file, environments: { ...file.environments, [environment]: profile } } as ConfigFile;
    });

  return {
    path,
    setAside: found,
    profile: (environment) => profileIn(read(), environment),
    ngrok: () => read().ngrok ?? {},
    remember: (environment, patch) => changeProfile(environment, (profile) => ({ ...profile, ...patch })),
    rememberWebhook: (environment, id, webhook) =>
      changeProfile(environment, (profile) => {
        const known = Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
        const secret = webhook.secret ?? (known?.baseUrl === webhook.baseUrl ? known.secret : undefined);
        const entry = withoutUndefined({ ...webhook, secret });
        return { ...profile, webhooks: { ...profile.webhooks, [id]: entry } };
      }),
    forgetWebhook: (environment, id) =>
      changeProfile(environment, (profile) => {
        const webhooks = Object.fromEntries(Object.entries(profile.webhooks).filter(([known]) => known !== id));
        return { ...profile, webhooks, webhookId: profile.webhookId === id ? undefined : profile.webhookId };
      }),
    rememberNgrok: (patch) => change((file) => ({ ...file, ngrok: withoutUndefined({ ...file.ngrok, ...patch }) })),
    async emulatorSecret() {
      const stored = () => profileIn(read(), "emulator").emulatorSecret;
      const secret = `whsec_${randomBytes(24).toString("base64")}`;
      if (stored() === undefined) {
        await changeProfile("emulator", (profile) => ({ emulatorSecret: secret, ...profile }));
      }
      return stored() ?? secret;
    },
    retention: () => read().retention,
    rememberRetention: (retention) => change((file) => withoutUndefined({ ...file, retention })),
    defaultEnvironment: () => read().env,
    rememberDefaultEnvironment: (environment) => change((file) => withoutUndefined({ ...file, env: environment })),
    sandboxHosts: () => read().sandboxHosts ?? [],
    rememberSandboxHosts: (hosts) =>
      change((file) => withoutUndefined({ ...file, sandboxHosts: hosts === undefined ? undefined : [...hosts] })),
  };
}

/** What a process that was killed in the middle of a write left behind, secrets and all. Only one writes at a time. */
function removeLeftovers(folder: string): void {
  for (const file of readdirSync(folder)) {
    if (file.startsWith("config.json.tmp-")) rmSync(join(folder, file), { force: true });
  }
}

/** Turns what the file system throws into errors that say what to do. */
async function attempt<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw explained(path, error);
  }
}

function attemptNow<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  return new AppError("file_unusable", `the config file cannot be used (${code})\n${path}`, {
    hint: "Make its folder writable, or choose another with BLUUM_HOOKS_HOME.",
    cause: error,
  });
}

/** A file that was copied here may be open to others. */
async function keepPrivate(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && (found.mode & 0o077) !== 0) await chmod(path, 0o600);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
