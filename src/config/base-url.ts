import { ENVIRONMENT_FACTS, ENVIRONMENTS, isProductionUrl, type Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { isLoopbackHost, isPrivateHost } from "../core/hosts.ts";

/**
 * A base URL in the one form in which it is compared and remembered: no trailing slash. Throws `invalid_setting` for
 * what is no URL, carries credentials, would send a secret unencrypted, or belongs to another environment.
 */
export function checkBaseUrl(text: string, environment: Environment): string {
  const url = readBaseUrl(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new AppError("invalid_setting", "the base URL carries credentials, a query or a fragment", {
      hint: "Give the key pair in BLUUM_API_KEY and BLUUM_API_SECRET, and the URL up to its path.",
    });
  }
  if (url.protocol === "http:" && !isPrivateHost(url.hostname)) {
    throw new AppError("invalid_setting", `the base URL would send the secret unencrypted to ${url.hostname}`, {
      hint: "Use https. Plain http is for this machine and private networks.",
    });
  }
  const baseUrl = url.href.replace(/\/+$/, "");
  const owner = environmentOf(baseUrl);
  if (owner !== undefined && owner !== environment) {
    throw new AppError("invalid_setting", `the base URL is that of ${owner}, but the environment is ${environment}`, {
      hint: `Add --env ${owner}, or take the base URL out of the flags and variables.`,
    });
  }
  return baseUrl;
}

/** Throws `invalid_setting` for what is no http or https URL. */
export function readBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw invalidValue("base URL", text, "must be an http or https URL", {
    code: "invalid_setting",
    hint: `It looks like ${ENVIRONMENT_FACTS.sandbox.baseUrl}`,
  });
}

/** Whether an environment's own stored credentials may be sent there. */
export function isHostOf(environment: Environment, baseUrl: string): boolean {
  const { host, hostname } = new URL(baseUrl);
  return environment === "emulator" ? isLoopbackHost(hostname) : knownHosts(environment).includes(host);
}

function environmentOf(baseUrl: string): Environment | undefined {
  if (isProductionUrl(baseUrl)) return "production";
  const { host } = new URL(baseUrl);
  return ENVIRONMENTS.find((environment) => environment !== "emulator" && knownHosts(environment).includes(host));
}

function knownHosts(environment: Environment): string[] {
  const { baseUrl, aliases } = ENVIRONMENT_FACTS[environment];
  return [baseUrl, ...aliases].map((url) => new URL(url).host);
}
