import { AppError } from "../core/errors.ts";
import { bareHost } from "../core/hosts.ts";
import { parseEnvText } from "./env-file.ts";

/** The values of a login. An absent value keeps the stored one. */
export interface LoginInput {
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly investorId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly authtoken?: string | undefined;
  readonly domain?: string | undefined;
}

/**
 * Lines as in an env file, `NAME=value`, with the names of the variables; others are ignored, so that a whole env
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
  if (Object.values(input).every((each) => each === undefined)) throw refused("no credentials in standard input");
  if ((input.apiKey === undefined) !== (input.apiSecret === undefined)) {
    const [here, absent] =
      input.apiKey === undefined ? ["BLUUM_API_SECRET", "BLUUM_API_KEY"] : ["BLUUM_API_KEY", "BLUUM_API_SECRET"];
    throw refused(`${absent} is missing: it belongs to ${here}`);
  }
  const rules = [
    ["BLUUM_API_KEY", input.apiKey, keyRule],
    ["BLUUM_API_SECRET", input.apiSecret, keyRule],
    ["NGROK_AUTHTOKEN", input.authtoken, tokenRule],
    ["NGROK_DOMAIN", input.domain, domainRule],
  ] as const;
  for (const [name, given, ruleOf] of rules) {
    const wrong = given === undefined ? undefined : ruleOf(given);
    if (wrong !== undefined) throw refused(`invalid ${name}: ${wrong}`);
  }
  return { ...input, domain: input.domain === undefined ? undefined : bareHost(input.domain) };
}

/** Why a text is not a valid key or secret. Never quotes it. */
export function keyRule(text: string): string | undefined {
  return /[\s\p{C}]/u.test(text) ? "must not contain spaces or control characters" : undefined;
}

/** Why a text is not a valid ngrok authtoken. Never quotes it. */
export function tokenRule(text: string): string | undefined {
  if (/\s/.test(text)) return "must be the token alone, without the ngrok command";
  if (!/^[\w-]+$/.test(text)) return "must contain only letters, digits, - and _";
  return text.length < 20 ? "must have at least 20 characters" : undefined;
}

export function domainRule(text: string): string | undefined {
  return bareHost(text) === undefined ? "must be a host name such as example.ngrok.app" : undefined;
}

function refused(message: string): AppError {
  return new AppError("invalid_usage", message, {
    hint: "Pipe in lines such as BLUUM_API_KEY=… and BLUUM_API_SECRET=…, as in: bluum-hooks login --stdin < .env",
  });
}
