import { AppError } from "../core/errors.ts";
import { bareHost } from "../core/hosts.ts";
import { parseEnvText } from "./env-file.ts";

/** What a user may hand over at login. An absent value leaves what is stored as it is. */
export interface LoginInput {
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly investorId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly authtoken?: string | undefined;
  readonly domain?: string | undefined;
}

/**
 * Lines as in an env file, `NAME=value`, with the names of the variables; others are passed over, so that a whole env
 * file can be piped in. Throws `invalid_usage`, which never quotes a value.
 */
export function readLoginLines(text: string): LoginInput {
  const lines = parseEnvText(text);
  const value = (...names: string[]) => names.map((name) => lines[name]?.trim()).find((each) => each);
  const input = {
    apiKey: value("BLUUM_API_KEY"),
    apiSecret: value("BLUUM_API_SECRET", "BLUUM_SECRET_KEY"),
    investorId: value("BLUUM_INVESTOR_ID"),
    accountId: value("BLUUM_ACCOUNT_ID"),
    authtoken: value("NGROK_AUTHTOKEN"),
    domain: value("NGROK_DOMAIN"),
  };
  if (Object.values(input).every((each) => each === undefined)) throw refused("nothing to store was piped in");
  if ((input.apiKey === undefined) !== (input.apiSecret === undefined)) {
    const [here, absent] =
      input.apiKey === undefined ? ["BLUUM_API_SECRET", "BLUUM_API_KEY"] : ["BLUUM_API_KEY", "BLUUM_API_SECRET"];
    throw refused(`${here} was piped in, but ${absent} was not: they are a pair`);
  }
  const objections = [
    ["BLUUM_API_KEY", input.apiKey, keyObjection],
    ["BLUUM_API_SECRET", input.apiSecret, keyObjection],
    ["NGROK_AUTHTOKEN", input.authtoken, tokenObjection],
    ["NGROK_DOMAIN", input.domain, domainObjection],
  ] as const;
  for (const [name, given, objection] of objections) {
    const wrong = given === undefined ? undefined : objection(given);
    if (wrong !== undefined) throw refused(`${name} cannot be used: ${wrong}`);
  }
  return { ...input, domain: input.domain === undefined ? undefined : bareHost(input.domain) };
}

/** Why a text cannot be a key or a secret. Never quotes it. */
export function keyObjection(text: string): string | undefined {
  return /[\s\p{C}]/u.test(text) ? "it has a space or a control character in it" : undefined;
}

/** Why a text cannot be an authtoken of ngrok's. Never quotes it. */
export function tokenObjection(text: string): string | undefined {
  if (/\s/.test(text)) return "it has a space in it: only the token itself, not the command that ngrok shows";
  if (!/^[\w-]+$/.test(text)) return "it has characters in it that no authtoken has";
  return text.length < 20 ? "it is too short for an authtoken" : undefined;
}

export function domainObjection(text: string): string | undefined {
  return bareHost(text) === undefined ? "it is not a host name such as example.ngrok.app" : undefined;
}

function refused(message: string): AppError {
  return new AppError("invalid_usage", message, {
    hint: "Pipe in lines such as BLUUM_API_KEY=… and BLUUM_API_SECRET=…, as in: bluum-hooks login --stdin < .env",
  });
}
