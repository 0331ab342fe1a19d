import { commandIn, commandLine, shellWord } from "../core/command-line.ts";
import { EMULATOR_ACCESS, ENVIRONMENT_FACTS, ENVIRONMENTS, type Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { isLoopbackHost } from "../core/hosts.ts";
import { secretRule } from "../core/secret-rule.ts";
import { checkBaseUrl, isHostOf, readBaseUrl } from "./base-url.ts";
import { checkAccountId, checkInvestorId, opaqueId } from "./owner-ids.ts";
import type { Profile } from "./profile.ts";
import type { Owner } from "../core/id-rules.ts";
import type { Credentials } from "../core/secrets.ts";

/** Flags for settings; each overrides its variable. */
export interface SettingFlags {
  readonly env?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly investor?: string | undefined;
  readonly account?: string | undefined;
  readonly webhook?: string | undefined;
}

export interface MissingCredentials {
  readonly missing: string;
  readonly hint: string;
  /** The names of missing values, if that is the reason. */
  readonly names?: readonly string[];
}

export interface Settings {
  readonly environment: Environment;
  /** The environment used if no flag names one. */
  readonly defaultEnvironment?: string | undefined;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** A key pair that may be sent to the base URL, or why there is none. */
  readonly credentials: Credentials | MissingCredentials;
  readonly owner: Owner | undefined;
  /** The webhook that the user named, by flag or variable. */
  readonly askedWebhookId: string | undefined;
  /** The webhook that the user named, otherwise the one last used with this base URL. */
  readonly webhookId: string | undefined;
  /** Every secret that may have signed a delivery: two during a rotation. */
  readonly webhookSecrets: readonly string[];
}

export interface SettingSources {
  readonly flags: SettingFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly profile: (environment: Environment) => Profile;
}

/** Flag, otherwise variable, otherwise profile, otherwise default. Throws `invalid_setting` or `invalid_usage`. */
export function resolveSettings(sources: SettingSources): Settings {
  const { flags, env, profile: profileOf } = sources;
  const set = variablesOf(env);
  const target = chooseTarget(sources);
  const { environment } = target;
  // Variables for the real API do not apply to the emulator, so that a user can use both.
  const variable = environment === "emulator" ? () => undefined : set;
  // They do apply together with an emulator's own URL, as `exec` sets them.
  const ownerVariable = environment === "emulator" && baseUrlVariable(environment, set) === undefined ? variable : set;
  const profile = profileOf(environment);
  const baseUrl = checkBaseUrl(target.baseUrl, environment);
  const remembered = (id: string | undefined) => {
    const webhook = id !== undefined && Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
    return webhook?.baseUrl === baseUrl ? webhook : undefined;
  };
  const askedWebhookId = opaqueId(
    flags.webhook ?? variable("BLUUM_WEBHOOK_ID"),
    flags.webhook === undefined ? "BLUUM_WEBHOOK_ID" : "--webhook",
  );
  const lastUsedId = remembered(profile.webhookId) === undefined ? undefined : profile.webhookId;
  const webhookId = askedWebhookId ?? lastUsedId;
  const knownSecrets = [profile.emulatorSecret, remembered(webhookId)?.secret].filter((secret) => secret !== undefined);
  const place = { environment, defaultEnvironment: env["BLUUM_ENV"]?.trim() || "sandbox", baseUrl };
  return {
    ...place,
    credentials: chooseCredentials(place, profile, {
      key: variable("BLUUM_API_KEY"),
      secret: variable("BLUUM_API_SECRET", "BLUUM_SECRET_KEY"),
    }),
    owner: chooseOwner(environment, flags, profile, {
      investorId: ownerVariable("BLUUM_INVESTOR_ID"),
      accountId: ownerVariable("BLUUM_ACCOUNT_ID"),
    }),
    askedWebhookId,
    webhookId,
    // This includes the emulator, which signs with the secret that the app expects.
    webhookSecrets: secretsIn(env) ?? [...new Set(knownSecrets)],
  };
}

/** The environment and a base URL, not yet checked against each other. Throws `invalid_setting`. */
export function chooseTarget({ flags, env, profile }: SettingSources): {
  readonly environment: Environment;
  readonly baseUrl: string;
  /** Whether no base URL is set. */
  readonly isDefault: boolean;
} {
  const environment = chooseEnvironment({ flags, env });
  const named = flags.baseUrl ?? baseUrlVariable(environment, variablesOf(env)) ?? profile(environment).baseUrl;
  const { href } = readBaseUrl(named ?? ENVIRONMENT_FACTS[environment].baseUrl);
  return { environment, baseUrl: href, isDefault: named === undefined };
}

/** The environment alone, for a command that works with other settings invalid. Throws `invalid_setting`. */
export function chooseEnvironment({ flags, env }: Pick<SettingSources, "flags" | "env">): Environment {
  return environmentNamed(flags.env ?? (env["BLUUM_ENV"]?.trim() || "sandbox"));
}

/**
 * The key pair. Throws `credentials_missing` with the reason why there is none, and with `alsoMissing` values of the
 * same command, so that everything is reported together. `alternative` is what the user can do without a key pair.
 */
export function requireCredentials(
  { environment, credentials }: Pick<Settings, "environment" | "credentials">,
  alsoMissing: readonly string[] = [],
  alternative = "",
): Credentials {
  if (!("missing" in credentials)) return credentials;
  const { names, missing, hint } = credentials;
  const message =
    names === undefined ? missing : `missing ${environment} credentials: ${[...names, ...alsoMissing].join(", ")}`;
  throw new AppError("credentials_missing", message, { hint: `${alternative}${hint}` });
}

export const NO_OWNER = "missing owner of orders and transfers: an investor or account ID";

/** The owner of orders and transfers. Throws `invalid_usage` if none is given. */
export function requireOwner(
  settings: Pick<Settings, "owner" | "environment" | "defaultEnvironment" | "baseUrl">,
): Owner {
  const { owner } = settings;
  if (owner !== undefined) return owner;
  throw new AppError("invalid_usage", NO_OWNER, {
    hint: `Add --investor inv_… (current API) or --account UUID (legacy API), or save it with: ${commandLine("login", settings)}`,
  });
}

type Variables = (...names: string[]) => string | undefined;

/** The first of several variables that is set; an empty one counts as unset. */
function variablesOf(env: SettingSources["env"]): Variables {
  return (...names) => names.map((name) => env[name]?.trim()).find((value) => value !== "" && value !== undefined);
}

/** The secrets in `BLUUM_WEBHOOK_SECRET`: several during a rotation, separated by commas. */
export function secretsIn(env: SettingSources["env"]): readonly string[] | undefined {
  const secrets = variablesOf(env)("BLUUM_WEBHOOK_SECRET")
    ?.split(",")
    .map((secret) => secret.trim())
    .filter((secret) => secret !== "");
  for (const secret of secrets ?? []) {
    const rule = secretRule(secret);
    if (rule === undefined) continue;
    // Never quoted, because it may be a secret.
    throw new AppError("invalid_setting", `invalid BLUUM_WEBHOOK_SECRET: ${rule}`, {
      hint: "Set it to the secret from Bluum, such as whsec_…, or several separated by commas.",
    });
  }
  return secrets;
}

function baseUrlVariable(environment: Environment, set: Variables): string | undefined {
  const url = set("BLUUM_BASE_URL", "BLUUM_API_BASE_URL");
  if (environment !== "emulator" || url === undefined) return url;
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname) ? url : undefined;
}

function environmentNamed(name: string): Environment {
  const environment = ENVIRONMENTS.find((each) => each === name);
  if (environment !== undefined) return environment;
  throw invalidValue("environment", name, `must be one of ${ENVIRONMENTS.join(", ")}`, {
    code: "invalid_setting",
    hint: "Correct it where it is set: --env, BLUUM_ENV, or bluum-hooks config set env.",
  });
}

/**
 * Credentials given to this invocation are sent to this invocation's base URL. Stored and public ones are only sent
 * to their own hosts, so that a base URL from another source cannot obtain them.
 */
function chooseCredentials(
  place: Pick<Settings, "environment" | "defaultEnvironment" | "baseUrl">,
  profile: Profile,
  given: { readonly key: string | undefined; readonly secret: string | undefined },
): Settings["credentials"] {
  const { environment, baseUrl } = place;
  if (given.key !== undefined && given.secret !== undefined) return { apiKey: given.key, apiSecret: given.secret };
  if (given.key !== undefined || given.secret !== undefined) {
    const [here, absent] =
      given.key === undefined ? ["BLUUM_API_SECRET", "BLUUM_API_KEY"] : ["BLUUM_API_KEY", "BLUUM_API_SECRET"];
    return { missing: `${here} is set, but ${absent} is not`, hint: `Set ${absent} as well: they are a pair.` };
  }
  const stored = environment === "emulator" ? EMULATOR_ACCESS : profile;
  const { apiKey, apiSecret } = stored;
  if (apiKey === undefined || apiSecret === undefined) {
    const names = [...(apiKey === undefined ? ["API key"] : []), ...(apiSecret === undefined ? ["API secret"] : [])];
    return {
      missing: `missing ${environment} credentials: ${names.join(", ")}`,
      hint: `Set BLUUM_API_KEY and BLUUM_API_SECRET, or run: ${commandLine("login", place)}`,
      names,
    };
  }
  if (!mayCarry(environment, profile.keyOrigin, baseUrl)) {
    return {
      missing: `the key pair of ${environment} is not sent to ${new URL(baseUrl).host}`,
      hint: `Set BLUUM_API_KEY and BLUUM_API_SECRET to use another key pair there, or run: ${commandIn(place, `login --base-url ${shellWord(baseUrl)}`)}`,
    };
  }
  return { apiKey, apiSecret };
}

/** Whether a stored key pair may be sent to this base URL: a host of its environment, or the origin at login. */
function mayCarry(environment: Environment, keyOrigin: string | undefined, baseUrl: string): boolean {
  if (keyOrigin === undefined || (URL.canParse(keyOrigin) && isHostOf(environment, keyOrigin))) {
    return isHostOf(environment, baseUrl);
  }
  return new URL(baseUrl).origin === keyOrigin;
}

function chooseOwner(
  environment: Environment,
  flags: SettingFlags,
  profile: Profile,
  given: { readonly investorId: string | undefined; readonly accountId: string | undefined },
): Owner | undefined {
  if (flags.investor !== undefined && flags.account !== undefined) {
    throw new AppError("invalid_usage", "--investor cannot be used with --account", {
      hint: "Use --investor with the current API, --account with the legacy API.",
    });
  }
  const emulator = environment === "emulator" ? { investorId: EMULATOR_ACCESS.investorId } : {};
  const sources = [
    { investor: "--investor", account: "--account", investorId: flags.investor, accountId: flags.account },
    { investor: "BLUUM_INVESTOR_ID", account: "BLUUM_ACCOUNT_ID", ...given },
    { investor: "stored investor", account: "stored account", ...profile },
    { investor: "", account: "", ...emulator, accountId: undefined },
  ];
  for (const source of sources) {
    const investorId = checkInvestorId(source.investorId, source.investor);
    if (investorId !== undefined) return { generation: "current", investorId };
    const accountId = checkAccountId(source.accountId, source.account);
    if (accountId !== undefined) return { generation: "legacy", accountId };
  }
  return undefined;
}
