import { closest, distance } from "fastest-levenshtein";
import { commandIn } from "../core/command-line.ts";
import type { Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { bareHost } from "../core/hosts.ts";
import { checkBaseUrl } from "./base-url.ts";
import type { Config } from "./config-file.ts";
import { checkAccountId, checkInvestorId, opaqueId } from "./owner-ids.ts";
import { checkRetention, retentionRisk } from "./retention-setting.ts";
import { checkSandboxHosts } from "./sandbox-hosts.ts";

/** The owner of a setting. */
export interface SettingPlace {
  readonly environment: Environment;
  /** The effective base URL, to which a webhook's id belongs. */
  readonly baseUrl: () => string;
}

export interface StoredSetting {
  readonly name: string;
  /** `machine`: one value for all environments. */
  readonly scope: "environment" | "machine";
  /** Variables that override the stored value. */
  readonly variables: readonly string[];
  /** A secret is never printed. The text for a user who sets it on the command line, where others can read it. */
  readonly isSecret: boolean;
  /** Whether it may have several values. */
  readonly isList?: true;
  /** A consequence of the value that the user must agree to, as a sentence; undefined if it is harmless. */
  readonly risk?: (value: string) => string | undefined;
  read(config: Config, environment: Environment): string | undefined;
  /** Stores the value, or removes it if there is none. Throws `invalid_setting`, or for a secret `invalid_usage`. */
  write(config: Config, place: SettingPlace, value: string | undefined): Promise<void>;
}

/** Every stored setting, in the order of the list. */
export const STORED_SETTINGS: readonly StoredSetting[] = [
  {
    name: "env",
    scope: "machine",
    variables: ["BLUUM_ENV"],
    isSecret: false,
    read: (config) => config.defaultEnvironment(),
    write: (config, _place, value) =>
      config.rememberDefaultEnvironment(value === undefined ? undefined : checkDefaultEnvironment(value)),
  },
  {
    name: "base-url",
    scope: "environment",
    variables: ["BLUUM_BASE_URL", "BLUUM_API_BASE_URL"],
    isSecret: false,
    read: (config, environment) => config.profile(environment).baseUrl,
    write: (config, { environment }, value) =>
      config.remember(environment, { baseUrl: value === undefined ? undefined : checkBaseUrl(value, environment) }),
  },
  {
    name: "investor",
    scope: "environment",
    variables: ["BLUUM_INVESTOR_ID"],
    isSecret: false,
    read: (config, environment) => config.profile(environment).investorId,
    // The kind of id determines the API's generation.
    write: (config, { environment }, value) =>
      config.remember(environment, {
        investorId: checkInvestorId(value, "investor"),
        ...(value === undefined ? {} : { accountId: undefined }),
      }),
  },
  {
    name: "account",
    scope: "environment",
    variables: ["BLUUM_ACCOUNT_ID"],
    isSecret: false,
    read: (config, environment) => config.profile(environment).accountId,
    write: (config, { environment }, value) =>
      config.remember(environment, {
        accountId: checkAccountId(value, "account"),
        ...(value === undefined ? {} : { investorId: undefined }),
      }),
  },
  {
    name: "webhook",
    scope: "environment",
    variables: ["BLUUM_WEBHOOK_ID"],
    isSecret: false,
    read: (config, environment) => config.profile(environment).webhookId,
    async write(config, { environment, baseUrl }, value) {
      const id = opaqueId(value, "webhook");
      if (id !== undefined) {
        const createdByUs = config.profile(environment).webhooks[id]?.createdByUs ?? false;
        await config.rememberWebhook(environment, id, { baseUrl: baseUrl(), createdByUs });
      }
      await config.remember(environment, { webhookId: id });
    },
  },
  {
    name: "ngrok-domain",
    scope: "machine",
    variables: ["NGROK_DOMAIN"],
    isSecret: false,
    read: (config) => config.ngrok().domain,
    async write(config, _place, value) {
      const domain = value === undefined ? undefined : bareHost(value);
      if (value !== undefined && domain === undefined) {
        throw invalidValue("ngrok-domain", value, "must be the name of a host", {
          code: "invalid_setting",
          hint: "Use a host name: bluum-hooks config set ngrok-domain example.ngrok.app",
        });
      }
      await config.rememberNgrok({ domain });
    },
  },
  {
    name: "retention",
    scope: "machine",
    variables: [],
    isSecret: false,
    risk: retentionRisk,
    read: (config) => config.retention(),
    write: (config, _place, value) => config.rememberRetention(value === undefined ? undefined : checkRetention(value)),
  },
  {
    name: "sandbox-hosts",
    scope: "machine",
    variables: [],
    isSecret: false,
    isList: true,
    read: (config) => config.sandboxHosts().join(", ") || undefined,
    write: (config, _place, value) =>
      config.rememberSandboxHosts(
        value === undefined ? undefined : checkSandboxHosts(value, config.profile("production")),
      ),
  },
  secret("api-key", "environment", ["BLUUM_API_KEY"], (config, environment) => config.profile(environment).apiKey),
  secret(
    "api-secret",
    "environment",
    ["BLUUM_API_SECRET", "BLUUM_SECRET_KEY"],
    (config, environment) => config.profile(environment).apiSecret,
  ),
  secret("webhook-secret", "environment", ["BLUUM_WEBHOOK_SECRET"], (config, environment) => {
    const { webhookId, webhooks, emulatorSecret } = config.profile(environment);
    if (emulatorSecret !== undefined) return emulatorSecret;
    return webhookId === undefined || !Object.hasOwn(webhooks, webhookId) ? undefined : webhooks[webhookId]?.secret;
  }),
  secret("ngrok-authtoken", "machine", ["NGROK_AUTHTOKEN"], (config) => config.ngrok().authtoken),
];

/** Production cannot be the default: a missing flag must not change anything there. */
function checkDefaultEnvironment(value: string): string {
  if (value === "sandbox" || value === "emulator") return value;
  throw invalidValue("env", value, "must be sandbox or emulator", {
    code: "invalid_setting",
    hint: "Add --env production to each command instead: production cannot be the default.",
  });
}

function secret(
  name: string,
  scope: StoredSetting["scope"],
  variables: readonly string[],
  read: StoredSetting["read"],
): StoredSetting {
  return {
    name,
    scope,
    variables,
    isSecret: true,
    read,
    async write(_config, { environment }, value) {
      const [variable = ""] = variables;
      if (value !== undefined) {
        throw new AppError("invalid_usage", `${name} cannot be set on the command line, because it is a secret`, {
          hint:
            name === "webhook-secret"
              ? `Set ${variable}. The secrets of webhooks created on this machine are saved automatically.`
              : `Remove it from your shell history if you typed a real one, and save it with: ${commandIn(environment, "login")}`,
        });
      }
      throw new AppError("invalid_usage", `${name} cannot be removed on its own`, {
        hint: `Remove it with: ${commandIn(environment, name === "webhook-secret" ? "logout --webhooks" : "logout")}`,
      });
    },
  };
}

/** With more different letters it is another word. */
const MAX_TYPOS = 4;

/** The setting of this name. Throws `invalid_usage` with the most similar one. */
export function settingNamed(name: string): StoredSetting {
  const known = STORED_SETTINGS.find((setting) => setting.name === name.toLowerCase());
  if (known !== undefined) return known;
  const byVariable = STORED_SETTINGS.find(({ variables }) => variables.includes(name.toUpperCase()));
  const names = STORED_SETTINGS.map((setting) => setting.name);
  const nearest = closest(name, names);
  const meant = byVariable?.name ?? (distance(name, nearest) <= MAX_TYPOS ? nearest : undefined);
  throw new AppError("invalid_usage", `unknown setting ${JSON.stringify(name)}`, {
    hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}Use one of ${names.join(", ")}.`,
  });
}
