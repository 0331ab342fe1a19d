import { ENVIRONMENT_FACTS, ENVIRONMENTS, isProductionUrl, type Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { isLoopbackHost, isPrivateHost } from "../core/hosts.ts";

/**
 * A base URL in its normal form, for comparison and storage: no trailing slash. Throws `invalid_setting` for text
 * that is not a URL, contains credentials, would send a secret unencrypted, or belongs to another environment.
 */
export function checkBaseUrl(text: string, environment: Environment): string {
  const url = readBaseUrl(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new AppError("invalid_setting", "invalid base URL: must not have credentials, a query or a fragment", {
      hint: "Set the key pair with BLUUM_API_KEY and BLUUM_API_SECRET, and end the URL with its path.",
    });
  }
  if (url.protocol === "http:" && !isPrivateHost(url.hostname)) {
    throw invalidValue("base URL", text, "must be https, so that the API secret is encrypted", {
      code: "invalid_setting",
      hint: "Use https. Plain http is allowed only for this machine and private networks.",
    });
  }
  const baseUrl = url.href.replace(/\/+$/, "");
  const owner = environmentOf(baseUrl);
  if (owner !== undefined && owner !== environment) {
    throw new AppError("invalid_setting", `the base URL belongs to ${owner}, but the environment is ${environment}`, {
      hint: `Add --env ${owner}, or remove the base URL from the flags and variables.`,
    });
  }
  return baseUrl;
}

/** Throws `invalid_setting` for text that is not an http or https URL. */
export function readBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw invalidValue("base URL", text, "must be an http or https URL", {
    code: "invalid_setting",
    hint: `Use a URL such as ${ENVIRONMENT_FACTS.sandbox.baseUrl}`,
  });
}

/** Whether an environment's own stored credentials may be sent to this base URL. */
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
