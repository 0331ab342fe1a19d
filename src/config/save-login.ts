import type { Config, Profile, StoredNgrok } from "./config-file.ts";
import type { LoginInput } from "./login-input.ts";

/** Stores the values of a login for one environment, and ngrok's for the machine. Returns the names of the values. */
export async function storeLogin(
  config: Config,
  place: { readonly environment: string; readonly baseUrl: string },
  input: LoginInput,
): Promise<string[]> {
  const { apiKey, apiSecret, investorId, accountId, authtoken, domain } = input;
  const pair = apiKey === undefined ? {} : { apiKey, apiSecret, keyOrigin: new URL(place.baseUrl).origin };
  // The kind of id determines the API's generation, so a new id replaces one of the other kind.
  const owner =
    investorId === undefined
      ? accountId === undefined
        ? {}
        : { accountId, investorId: undefined }
      : { investorId, accountId: undefined };
  const patch = { ...pair, ...owner };
  if (Object.keys(patch).length > 0) await config.remember(place.environment, patch);
  const ngrok = { ...(authtoken === undefined ? {} : { authtoken }), ...(domain === undefined ? {} : { domain }) };
  if (Object.keys(ngrok).length > 0) await config.rememberNgrok(ngrok);
  return [...profileNames(patch), ...ngrokNames(ngrok)];
}

export interface LogoutOptions {
  /** Whether the stored webhooks are removed too, including signing secrets that cannot be recovered. */
  readonly forgetWebhooks: boolean;
  readonly environments: readonly string[];
}

export interface LoggedOut {
  readonly removed: string[];
  /** The number of webhooks whose signing secret is still stored. */
  readonly secretsKept: number;
  readonly isNgrokKept: boolean;
}

/** Removes what `storeLogin` stored for these of `all` environments, and ngrok's token after the last key pair. */
export async function removeLogin(
  config: Config,
  all: readonly string[],
  { forgetWebhooks, environments }: LogoutOptions,
): Promise<LoggedOut> {
  const removed: string[] = [];
  let secretsKept = 0;
  for (const environment of environments) {
    const before = config.profile(environment);
    const names = profileNames(before);
    if (names.length > 0) {
      await config.remember(environment, {
        apiKey: undefined,
        apiSecret: undefined,
        keyOrigin: undefined,
        investorId: undefined,
        accountId: undefined,
      });
    }
    removed.push(...names.map((name) => `${environment}: ${name}`));
    if (forgetWebhooks && before.emulatorSecret !== undefined) {
      await config.remember(environment, { emulatorSecret: undefined });
      removed.push(`${environment}: signing secret`);
    }
    for (const [id, { secret }] of Object.entries(before.webhooks)) {
      if (!forgetWebhooks) secretsKept += secret === undefined ? 0 : 1;
      else {
        await config.forgetWebhook(environment, id);
        removed.push(`${environment}: webhook ${id}`);
      }
    }
  }
  const ngrok = ngrokNames(config.ngrok());
  const isNgrokKept = ngrok.length > 0 && all.some((environment) => config.profile(environment).apiKey !== undefined);
  if (ngrok.length > 0 && !isNgrokKept) {
    await config.rememberNgrok({ authtoken: undefined, domain: undefined });
    removed.push(...ngrok);
  }
  return { removed, secretsKept, isNgrokKept };
}

function profileNames(profile: Partial<Profile>): string[] {
  return [
    ...(profile.apiKey === undefined ? [] : ["API key"]),
    ...(profile.apiSecret === undefined ? [] : ["API secret"]),
    ...(profile.investorId === undefined ? [] : ["investor"]),
    ...(profile.accountId === undefined ? [] : ["account"]),
  ];
}

function ngrokNames(ngrok: StoredNgrok): string[] {
  return [
    ...(ngrok.authtoken === undefined ? [] : ["ngrok authtoken"]),
    ...(ngrok.domain === undefined ? [] : ["ngrok domain"]),
  ];
}
