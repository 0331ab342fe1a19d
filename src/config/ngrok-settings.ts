import type { StoredNgrok } from "./profile.ts";

/** What a tunnel of ngrok's needs to know. */
export interface NgrokSettings {
  readonly authtoken: string | undefined;
  readonly domain: string | undefined;
  readonly serverAddr: string | undefined;
  readonly rootCas: string | undefined;
}

/** Flag, else variable, else what `login` or `config set` stored. An empty variable is none. */
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
