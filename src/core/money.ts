import { isProductionUrl, isSandboxUrl, type Environment } from "./environments.ts";
import { AppError } from "./errors.ts";
import { canonicalHost, isLoopbackHost, isOwnNetwork, readHostPort, type HostPort } from "./hosts.ts";
import { shellWord } from "./command-line.ts";

/** The target of a request that moves money. */
export interface MoneyTarget {
  readonly environment: Environment;
  /** An http or https URL. */
  readonly baseUrl: string;
}

/** A server that this machine knows to be a production server. */
export interface ProductionServer {
  readonly url: string;
  /** The source of this knowledge, as an error names it: `its base URL`. */
  readonly namedBy: string;
  /** Known only from an earlier session: a later declaration by the user that it is a sandbox takes precedence. */
  readonly isPast?: boolean;
}

export interface MoneyFacts {
  readonly production: readonly ProductionServer[];
  /** Hosts, each with or without a port, that the user has declared to be sandboxes. */
  readonly sandboxHosts: readonly string[];
}

/**
 * The check that every order, deposit and withdrawal must pass: they are sent only to a known sandbox. Throws
 * `production_refused` or `sandbox_unknown`. The known facts are read only if Bluum's own list of hosts does not
 * decide.
 */
export async function requireSandbox(
  { environment, baseUrl }: MoneyTarget,
  facts: () => Promise<MoneyFacts>,
): Promise<void> {
  if (environment === "production") throw refused("the environment is production", SANDBOX_HINT);
  const url = new URL(baseUrl);
  if (isProductionUrl(baseUrl)) {
    throw refused(
      `${url.hostname} belongs to Bluum's production`,
      `Remove it from --base-url, BLUUM_BASE_URL and the stored base-url. ${SANDBOX_HINT}`,
    );
  }
  if (isSandboxUrl(baseUrl)) return;
  const { production, sandboxHosts } = await facts();
  const server = serverAt(baseUrl);
  const current = findProductionServer(
    server,
    production.filter(({ isPast }) => isPast !== true),
  );
  if (current !== undefined) throw refused(belongs(url, current), SANDBOX_HINT);
  const declared = sandboxHosts.flatMap((text) => readHostPort(text) ?? []);
  if (declared.some((each) => each.port !== undefined && isSame(each, server))) return;
  const named =
    findProductionServer(server, production) ?? findProductionServer({ ...server, port: undefined }, production);
  if (named !== undefined) {
    // An emulator identifies itself before anything is sent to it, and accepts only its own key pair.
    if (environment === "emulator" && isLoopbackHost(url.hostname)) return;
    throw refused(
      belongs(url, named),
      `${SANDBOX_HINT} ${declareHint(`${url.hostname}:${server.port}`, sandboxHosts)}`,
    );
  }
  if (declared.some((each) => each.port === undefined && isSame(each, server))) return;
  if (isOwnNetwork(url.hostname)) return;
  throw new AppError(
    "sandbox_unknown",
    `${url.hostname} is not a known sandbox: no order, deposit or withdrawal is sent there`,
    {
      hint: declareHint(url.hostname, sandboxHosts),
    },
  );
}

/** The first production server that matches; without a port, the first at this host. */
export function findProductionServer(
  server: HostPort,
  production: readonly ProductionServer[],
): ProductionServer | undefined {
  return production.find(({ url }) => URL.canParse(url) && isSame(serverAt(url), server));
}

const SANDBOX_HINT = "Use the sandbox or the emulator: --env sandbox or --env emulator, without --base-url.";

function declareHint(host: string, declared: readonly string[]): string {
  const hosts = [...declared, host].map(shellWord).join(" ");
  return `If it is a sandbox, run: bluum-hooks config set sandbox-hosts ${hosts}`;
}

function refused(reason: string, hint: string): AppError {
  const message = `no order, deposit or withdrawal is sent to production: ${reason}`;
  return new AppError("production_refused", message, { hint });
}

function belongs({ host }: URL, { url, namedBy }: ProductionServer): string {
  const named = new URL(url).host;
  return `${host} belongs to production, which names ${named === host ? "it" : named} as ${namedBy}`;
}

function isSame(one: HostPort, other: HostPort): boolean {
  const isSamePort = one.port === undefined || other.port === undefined || one.port === other.port;
  return isSamePort && canonicalHost(one.host) === canonicalHost(other.host);
}

function serverAt(url: string): HostPort {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port || (protocol === "https:" ? "443" : "80") };
}
