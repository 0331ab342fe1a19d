import { isProductionUrl, isSandboxUrl, type Environment } from "./environments.ts";
import { AppError } from "./errors.ts";
import { canonicalHost, isLoopbackHost } from "./hosts.ts";

/** Where a request that moves money would go. */
export interface MoneyTarget {
  readonly environment: Environment;
  /** An http or https URL. */
  readonly baseUrl: string;
}

/** A server that this machine knows as production's. */
export interface ProductionServer {
  readonly url: string;
  /** Who says so, as an error names it: `its base URL`, `webhook wh_1`. */
  readonly namedBy: string;
}

export interface MoneyFacts {
  readonly production: readonly ProductionServer[];
}

/**
 * The one gate that every order, deposit and withdrawal passes. Throws `production_refused`. What is known on this machine is
 * only asked for where Bluum's own list does not decide.
 */
export async function requireSandbox(
  { environment, baseUrl }: MoneyTarget,
  facts: () => Promise<MoneyFacts>,
): Promise<void> {
  if (environment === "production") throw refused("the environment is production", SANDBOX_HINT);
  const { hostname, host } = new URL(baseUrl);
  if (isProductionUrl(baseUrl)) {
    throw refused(
      `${hostname} belongs to Bluum's production`,
      `Remove it from --base-url, BLUUM_BASE_URL and the stored base-url. ${SANDBOX_HINT}`,
    );
  }
  if (isSandboxUrl(baseUrl)) return;
  const { production } = await facts();
  const sameHost = production.filter(({ url }) => isSameHost(url, baseUrl));
  const named = sameHost.find(({ url }) => isSameServer(url, baseUrl)) ?? sameHost[0];
  if (named === undefined) return;
  // An emulator proves what it is before anything is sent to it, and accepts no key pair but its own.
  if (environment === "emulator" && isLoopbackHost(hostname) && !isSameServer(named.url, baseUrl)) return;
  const which = isSameServer(named.url, baseUrl) ? "it" : new URL(named.url).host;
  throw refused(`${host} belongs to production, which names ${which} as ${named.namedBy}`, SANDBOX_HINT);
}

const SANDBOX_HINT = "Use the sandbox or the emulator: --env sandbox or --env emulator, without --base-url.";

function refused(reason: string, hint: string): AppError {
  return new AppError("production_refused", `no order, deposit or withdrawal is sent to production: ${reason}`, {
    hint,
  });
}

/** Whether two URLs lead to the same host, whatever the port. A text that is no URL leads nowhere. */
function isSameHost(one: string, other: string): boolean {
  if (!URL.canParse(one)) return false;
  return canonicalHost(new URL(one).hostname) === canonicalHost(new URL(other).hostname);
}

/** The same host and port; the path means nothing. */
function isSameServer(one: string, other: string): boolean {
  return isSameHost(one, other) && portOf(new URL(one)) === portOf(new URL(other));
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === "https:" ? "443" : "80");
}
