import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import Conf from "conf";
import * as v from "valibot";
import { AppError } from "../core/errors.ts";
import { systemClock, type Clock } from "../platform/clock.ts";
import { withLock } from "./lock.ts";
import { configFile, type Profile, type ProfilePatch, type RememberedWebhook } from "./profile.ts";

export type { Profile, ProfilePatch, RememberedWebhook } from "./profile.ts";

type ConfigFile = v.InferOutput<typeof configFile>;

/** What this machine remembers of each environment. Reads see what other processes have written meanwhile. */
export interface Config {
  readonly path: string;
  profile(environment: string): Profile;
  remember(environment: string, patch: ProfilePatch): Promise<void>;
  /** A secret that is already known for this webhook of this API stays, if no new one is given. */
  rememberWebhook(environment: string, id: string, webhook: RememberedWebhook): Promise<void>;
  forgetWebhook(environment: string, id: string): Promise<void>;
}

/**
 * Opens `config.json` in the folder, readable by the user alone. Throws `config_damaged` if it cannot be understood (it is
 * never reset), `file_unusable` if the folder cannot be used.
 */
export async function openConfig(options: { readonly folder: string; readonly clock?: Clock }): Promise<Config> {
  const { folder, clock = systemClock } = options;
  const path = join(folder, "config.json");
  await attempt(path, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await keepPrivate(path);
  });
  const conf = await attempt(
    path,
    () => new Conf({ cwd: folder, configName: "config", configFileMode: 0o600, accessPropertiesByDotNotation: false }),
  );
  const read = (): ConfigFile => parse(path, conf.store);

  /** Reads, changes and writes while no other process can. */
  async function change(environment: string, update: (profile: Profile) => Profile): Promise<void> {
    await attempt(path, () =>
      withLock(`${path}.lock`, clock, () => {
        const file = read();
        const profile = update(profileOf(file, environment));
        conf.store = { ...file, environments: { ...file.environments, [environment]: withoutUndefined(profile) } };
      }),
    );
  }

  read();
  return {
    path,
    profile: (environment) => profileOf(read(), environment),
    remember: (environment, patch) => change(environment, (profile) => ({ ...profile, ...patch })),
    rememberWebhook: (environment, id, webhook) =>
      change(environment, (profile) => {
        const known = Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
        const secret = webhook.secret ?? (known?.baseUrl === webhook.baseUrl ? known.secret : undefined);
        const entry = withoutUndefined({ ...webhook, secret });
        return { ...profile, webhooks: { ...profile.webhooks, [id]: entry } };
      }),
    forgetWebhook: (environment, id) =>
      change(environment, (profile) => {
        const webhooks = Object.fromEntries(Object.entries(profile.webhooks).filter(([known]) => known !== id));
        return { ...profile, webhooks, webhookId: profile.webhookId === id ? undefined : profile.webhookId };
      }),
  };
}

function profileOf(file: ConfigFile, environment: string): Profile {
  return file.environments[environment] ?? { webhooks: {} };
}

function parse(path: string, content: unknown): ConfigFile {
  const result = v.safeParse(configFile, content);
  if (result.success) return result.output;
  const [issue] = result.issues;
  // Only the place of the fault is told: the value there may be a secret.
  throw damaged(path, `unexpected value at ${v.getDotPath(issue) ?? "the top"}`);
}

function damaged(path: string, fault: string): AppError {
  return new AppError("config_damaged", `the config file cannot be understood: ${fault}\n${path}`, {
    hint: "Correct the file, or move it away and start with an empty one.",
  });
}

/** Turns what the file system and the JSON parser throw into errors that say what to do. */
async function attempt<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof AppError) throw error;
    // The parser's message quotes the file, and with it perhaps a secret.
    if (error instanceof SyntaxError) throw damaged(path, "it is not JSON");
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new AppError("file_unusable", `the config file cannot be used (${code})\n${path}`, {
      hint: "Make its folder writable, or choose another with BLUUM_HOOKS_HOME.",
      cause: error,
    });
  }
}

/** A file that was copied here may be open to others. */
async function keepPrivate(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && (found.mode & 0o077) !== 0) await chmod(path, 0o600);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
