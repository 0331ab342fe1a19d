import { lookup } from "node:dns/promises";
import { existsSync } from "node:fs";
import type { ExchangeFailure } from "../core/exchange.ts";
import { isLoopbackHost } from "../core/hosts.ts";
import { dial, portOf } from "../platform/dial.ts";

/** Default ports of common web frameworks. */
const USUAL_PORTS = [3000, 3001, 4000, 4200, 4567, 5000, 5173, 8000, 8080, 8081, 8888, 9000, 9292];
/** Files by which container engines identify a container. */
const CONTAINER_MARKS = ["/.dockerenv", "/run/.containerenv"];

export interface HostEnvironment {
  readonly isInContainer: boolean;
  readonly usualPorts: readonly number[];
  /** The addresses that a host name resolves to; empty if the name is unknown. */
  readonly addressesOf: (host: string) => Promise<readonly string[]>;
}

export function hostEnvironment(): HostEnvironment {
  return { isInContainer: CONTAINER_MARKS.some((file) => existsSync(file)), usualPorts: USUAL_PORTS, addressesOf };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(bare(host), { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

/** What the user can do about an app that cannot be reached, found by probing other addresses and ports. */
export async function remedyFor(url: URL, failure: ExchangeFailure, environment: HostEnvironment): Promise<string> {
  const { hostname } = url;
  const port = portOf(url);
  if (isContainerHostName(hostname) && failure === "unreachable") {
    return `Use --forward-to ${port}: ${hostname} resolves only inside containers`;
  }
  if (!isLoopbackHost(hostname)) {
    return `Check that the app is running and that ${hostname} resolves to it. For an app on this machine: --forward-to ${port}`;
  }
  const at = (host: string) => `--forward-to ${url.protocol}//${host}:${port}${url.pathname}`;
  const tried = await environment.addressesOf(hostname);
  for (const other of LOOPBACK_ADDRESSES.filter((each) => !tried.includes(bare(each)))) {
    if ((await dial(other, port)) === undefined) return `The app listens on ${other} only. Use: ${at(other)}`;
  }
  const others = environment.usualPorts.filter((each) => each !== port);
  const answers = await Promise.all(others.map((each) => dial("localhost", each)));
  const open = others.filter((_, index) => answers[index] === undefined);
  const start = "Start the app, or use the port that it listens on";
  const remedy =
    open.length === 0 ? `${start}: --forward-to PORT` : `${start}; something answers on ${open.slice(0, 3).join(", ")}`;
  // The app may run in the same container, as in a devcontainer or a CI job.
  return environment.isInContainer
    ? `${remedy}. Localhost is this container; an app on the machine is at: ${at("host.docker.internal")}`
    : remedy;
}

/** Addresses of an app on this machine. `localhost` resolves to both on some machines, and to one of them on others. */
const LOOPBACK_ADDRESSES = ["127.0.0.1", "[::1]"];

/** An IPv6 address without the brackets of a URL. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

function isContainerHostName(hostname: string): boolean {
  return /^(host|gateway)\.(docker|containers)\.internal$/i.test(hostname);
}
