import type { StoredNgrok } from "./profile.ts";

/** The settings of an ngrok tunnel. */
export interface NgrokSettings {
  readonly authtoken: string | undefined;
  readonly domain: string | undefined;
  readonly serverAddr: string | undefined;
  readonly rootCas: string | undefined;
}

/**
 * Flag, otherwise variable, otherwise the stored value of `login` or `config set`. An empty variable counts as unset.
 */
export function resolveNgrok(sources: {
  readonly domainFlag?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stored: StoredNgrok;
}): NgrokSettings {
  const { domainFlag, env, stored } = sources;
  const set = (name: string) => env[name]?.trim() || undefined;
  return {
    authtoken: set("NGROK_AUTHTOKEN") ?? stored.authtoken,
    domain: domainFlag ?? set("NGROK_DOMAIN") ?? stored.domain,
    serverAddr: set("NGROK_SERVER_ADDR"),
    rootCas: set("NGROK_ROOT_CAS"),
  };
}
