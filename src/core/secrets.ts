import { decodedText } from "./urls.ts";

/** A shorter value occurs in ordinary words: masking it would damage the text and reveal the value. */
export const MIN_SECRET_CHARS = 8;

/** The key pair of an account. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The environment variables that contain secrets. */
export const SECRET_VARIABLES = [
  "BLUUM_API_KEY",
  "BLUUM_API_SECRET",
  "BLUUM_SECRET_KEY",
  "BLUUM_WEBHOOK_SECRET",
  "NGROK_AUTHTOKEN",
  "BLUUM_TEAM_INVITE",
] as const;

/** The secrets in an environment: values of the variables above, and the passwords of proxies. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  const proxies = Object.entries(env).filter(([name]) => /_proxy$/i.test(name));
  return [
    ...SECRET_VARIABLES.map((name) => env[name]?.trim() ?? ""),
    ...proxies.flatMap(([, url = ""]) => passwordsOf(url.includes("://") ? url : `http://${url}`)),
  ].filter((secret) => secret !== "");
}

function passwordsOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decodedText(password)];
}
