import { accessSync, constants, readdirSync, rmSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../core/errors.ts";
import { systemClock, type Clock } from "../platform/clock.ts";
import type { Waits } from "../platform/waits.ts";
import { existingAbove, isUnwritable, isWritableFolder, makePrivateFolder } from "../platform/folder.ts";
import { EMPTY_CONFIG, readConfigFile, setAside, type SetAside } from "./read-config.ts";
import { withLock } from "./lock.ts";
import { configWriter, isUnfinishedConfig } from "./write-config.ts";
import {
  profileIn,
  type ConfigFile,
  type Profile,
  type ProfilePatch,
  type RememberedWebhook,
  type StoredNgrok,
  type StoredTeam,
} from "./profile.ts";

export type { SetAside } from "./read-config.ts";
export type { Profile, ProfilePatch, RememberedWebhook, StoredNgrok, StoredTeam } from "./profile.ts";

/** The stored settings of each environment. Reads include what other processes have written meanwhile. */
export interface Config {
  readonly path: string;
  /** Throws `file_unusable` if nothing can be saved: before work whose result would be lost. */
  proveWritable(): Promise<void>;
  /** What was done with the file if it could not be parsed: an empty one replaces it. */
  readonly setAside: SetAside | undefined;
  profile(environment: string): Profile;
  ngrok(): StoredNgrok;
  remember(environment: string, patch: ProfilePatch): Promise<void>;
  /**
   * A stored secret of this webhook and API is kept if none is given. `isCurrent`: the environment uses it from now
   * on.
   */
  rememberWebhook(
    environment: string,
    id: string,
    webhook: RememberedWebhook,
    use?: { readonly isCurrent: boolean },
  ): Promise<void>;
  forgetWebhook(environment: string, id: string): Promise<void>;
  /** Values to store. An undefined one is removed. */
  rememberNgrok(patch: StoredNgrok): Promise<void>;
  /** The secret that emulators sign with: the stored one, otherwise this one, which is stored. */
  emulatorSecret(otherwise: string): Promise<string>;
  /** How long deliveries are kept on this machine, as the user set it: `30d`, `never`. */
  retention(): string | undefined;
  rememberRetention(retention: string | undefined): Promise<void>;
  /** The environment used if neither a flag nor a variable names one. */
  defaultEnvironment(): string | undefined;
  rememberDefaultEnvironment(environment: string | undefined): Promise<void>;
  /** Hosts, each with or without a port, that the user has declared to be sandboxes. */
  sandboxHosts(): readonly string[];
  rememberSandboxHosts(hosts: readonly string[] | undefined): Promise<void>;
  /** The teams that this machine has joined, by name. */
  teams(): Readonly<Record<string, StoredTeam>>;
  /** An undefined team is removed. */
  rememberTeam(name: string, team: StoredTeam | undefined): Promise<void>;
}

/**
 * Opens `config.json` in the folder. Nothing is created before a value is stored, so reading needs no writable
 * folder; a writable one is made private. A damaged file is renamed, or ignored if that is not possible. Throws
 * `file_unusable` if the file cannot be read; later, `config_damaged` if it has become unreadable.
 */
export async function openConfig(options: {
  readonly folder: string;
  readonly clock?: Clock;
  /** Aborts the wait for another process that writes the file. */
  readonly signal?: AbortSignal;
  readonly waits?: Waits;
}): Promise<Config> {
  const { folder, clock = systemClock, signal, waits } = options;
  const path = join(folder, "config.json");
  const underLock = <T>(action: () => T) => withLock(`${path}.lock`, { clock, signal, waits }, action);

  const found = await attempt("read", path, async () => {
    await keepPrivate(path);
    const damaged = readConfigFile(path);
    if (damaged.kind === "good") return undefined;
    const ignored: SetAside = { fault: damaged.fault, path: undefined };
    if (!isWritableFolder(folder)) return ignored;
    try {
      // Read again: another process may have replaced it meanwhile.
      return await underLock(() => {
        const reading = readConfigFile(path);
        return reading.kind === "good" ? undefined : setAside(path, reading.fault, clock.now());
      });
    } catch (error) {
      if (isUnwritable(error)) return ignored;
      throw error;
    }
  });

  // A damaged file that could not be renamed is treated as empty and never overwritten.
  const isIgnored = found !== undefined && found.path === undefined;
  const read = ({ isToBeWritten } = { isToBeWritten: false }): ConfigFile => {
    const reading = attemptNow("read", path, () => readConfigFile(path));
    if (reading.kind === "good") return reading.file;
    if (isIgnored && !isToBeWritten) return EMPTY_CONFIG;
    throw new AppError("config_damaged", `the config file has become damaged: ${reading.fault}\n${path}`, {
      hint: isIgnored
        ? "Correct the file or rename it."
        : "Run the command again: it keeps the damaged file under another name and starts with an empty one.",
    });
  };

  /** Reads, changes and writes the file under a lock. */
  async function change(update: (file: ConfigFile) => ConfigFile): Promise<void> {
    const write = await configWriter(path);
    await attempt("written", path, async () => {
      makePrivateFolder(folder);
      // Does not wait for a leftover lock in a folder where none can be removed.
      accessSync(folder, constants.W_OK);
      await underLock(() => {
        removeUnfinished(folder);
        write(update(read({ isToBeWritten: true })));
      });
    });
  }
  const changeProfile = (environment: string, update: (profile: Profile) => Profile) =>
    change((file) => {
      const profile = withoutUndefined(update(profileIn(file, environment)));
      return { ...file, environments: { ...file.environments, [environment]: profile } } as ConfigFile;
    });

  return {
    path,
    setAside: found,
    // A trailing dot also rejects a file in place of the folder.
    proveWritable: () => attempt("written", path, () => accessSync(`${existingAbove(folder)}/.`, constants.W_OK)),
    profile: (environment) => profileIn(read(), environment),
    ngrok: () => read().ngrok ?? {},
    remember: (environment, patch) => changeProfile(environment, (profile) => ({ ...profile, ...patch })),
    rememberWebhook: (environment, id, webhook, { isCurrent } = { isCurrent: false }) =>
      changeProfile(environment, (profile) => {
        const known = Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
        const secret = webhook.secret ?? (known?.baseUrl === webhook.baseUrl ? known.secret : undefined);
        const entry = withoutUndefined({ ...webhook, secret });
        const webhooks = { ...profile.webhooks, [id]: entry };
        return { ...profile, webhooks, ...(isCurrent ? { webhookId: id } : {}) };
      }),
    forgetWebhook: (environment, id) =>
      changeProfile(environment, (profile) => {
        const webhooks = Object.fromEntries(Object.entries(profile.webhooks).filter(([known]) => known !== id));
        return { ...profile, webhooks, webhookId: profile.webhookId === id ? undefined : profile.webhookId };
      }),
    rememberNgrok: (patch) => change((file) => ({ ...file, ngrok: withoutUndefined({ ...file.ngrok, ...patch }) })),
    async emulatorSecret(otherwise) {
      const stored = () => profileIn(read(), "emulator").emulatorSecret;
      if (stored() === undefined) {
        await changeProfile("emulator", (profile) => ({ emulatorSecret: otherwise, ...profile }));
      }
      return stored() ?? otherwise;
    },
    retention: () => read().retention,
    rememberRetention: (retention) => change((file) => withoutUndefined({ ...file, retention })),
    defaultEnvironment: () => read().env,
    rememberDefaultEnvironment: (environment) => change((file) => withoutUndefined({ ...file, env: environment })),
    sandboxHosts: () => read().sandboxHosts ?? [],
    rememberSandboxHosts: (hosts) =>
      change((file) => withoutUndefined({ ...file, sandboxHosts: hosts === undefined ? undefined : [...hosts] })),
    teams: () => read().teams ?? {},
    rememberTeam: (name, team) =>
      change((file) => {
        const teams = withoutUndefined({ ...file.teams, [name]: team && withoutUndefined(team) });
        return withoutUndefined({ ...file, teams: Object.keys(teams).length === 0 ? undefined : teams }) as ConfigFile;
      }),
  };
}

/** Removes the partial file of a process that was killed during a write; it may contain secrets. */
function removeUnfinished(folder: string): void {
  for (const file of readdirSync(folder)) {
    if (isUnfinishedConfig(file)) rmSync(join(folder, file), { force: true });
  }
}

/** Converts file system errors to errors with a remedy. */
async function attempt<T>(done: Use, path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw explained(done, path, error);
  }
}

function attemptNow<T>(done: Use, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explained(done, path, error);
  }
}

type Use = "read" | "written";

const HINTS: Record<Use, string> = {
  read: "Check its permissions, or choose another folder with BLUUM_HOOKS_HOME.",
  written: "Make its folder writable, or choose another with BLUUM_HOOKS_HOME.",
};

const NO_SPACE = "Free some disk space.";
const HINTS_FOR: Partial<Record<string, string>> = {
  ENOTDIR: "Choose another folder with BLUUM_HOOKS_HOME: a file has the name of this one.",
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
  EFBIG: NO_SPACE,
};

function explained(done: Use, path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  return new AppError("file_unusable", `the config file cannot be ${done} (${code})\n${path}`, {
    hint: HINTS_FOR[code] ?? HINTS[done],
    cause: error,
  });
}

/** A copied file may be readable by others. It is used even if its mode cannot be changed. */
async function keepPrivate(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.mode & 0o077) === 0) return;
  await chmod(path, 0o600).catch((error: unknown) => {
    if (!isUnwritable(error)) throw error;
  });
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
