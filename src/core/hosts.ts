import { BlockList, isIP } from "node:net";
import domains from "./tunnel-domains.json" with { type: "json" };

/**
 * A service whose domains give access to development machines. `tunnel`: leads to a program on such a machine while
 * it runs. `inspector`: shows requests to anyone who knows the URL. `workspace`: a development machine that is
 * suspended when idle. `loopback`: resolves to the client's own machine.
 */
export interface DevService {
  /** The domain of the service that a host belongs to. */
  readonly domain: string;
  /** The service's usual name. */
  readonly service: string;
  readonly kind: "tunnel" | "inspector" | "workspace" | "loopback";
}

const DEV_SERVICES = new Map(Object.entries(domains as Record<string, Omit<DevService, "domain">>));

/** The service whose domain contains the host. `tunnel-domains.json` lists them. */
export function devServiceOf(host: string): DevService | undefined {
  const labels = normal(host).split(".");
  for (let first = 0; first < labels.length; first += 1) {
    const domain = labels.slice(first).join(".");
    const found = DEV_SERVICES.get(domain);
    if (found !== undefined) return { domain, ...found };
  }
  return undefined;
}

/** The service's domain if the host belongs to a tunnel service or a similar service, else undefined. */
export function tunnelDomainOf(host: string): string | undefined {
  const found = devServiceOf(host);
  // Such a name is another name for this machine, with no service between.
  return found?.kind === "loopback" ? undefined : found?.domain;
}

/**
 * The address that a DNS name resolves to, if the name itself contains it: 127.0.0.1 for `app.lvh.me`, 10.0.0.1 for
 * `10-0-0-1.nip.io`. Otherwise the host. Do not base the protection of a secret on it: the domain's owner can change
 * the DNS records.
 */
export function leadsTo(host: string): string {
  return devServiceOf(host)?.kind === "loopback" ? "127.0.0.1" : (spelledAddress(normal(host)) ?? host);
}

/**
 * The address in a name of nip.io or sslip.io. Some of these names lead to servers on the internet. https://sslip.io
 */
function spelledAddress(name: string): string | undefined {
  const [, rest = ""] = /^(.+)\.(?:nip|sslip)\.io$/.exec(name) ?? [];
  const [, decimal = ""] = /(?:^|[.-])(\d{1,3}([.-])\d{1,3}\2\d{1,3}\2\d{1,3})(?![^.-])/.exec(rest) ?? [];
  const [, hexadecimal = ""] = /(?:^|[.-])([\da-f]{8})(?![^.-])/.exec(rest) ?? [];
  const label = rest.slice(rest.lastIndexOf(".") + 1);
  const candidates = [
    decimal.replaceAll("-", "."),
    label.replaceAll("-", ":"),
    (hexadecimal.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join("."),
  ];
  return candidates.find((each) => isIP(each) !== 0);
}

/** Whether a host is this machine: `localhost`, 127.0.0.0/8, ::1, or the unspecified address. */
export function isLoopbackHost(host: string): boolean {
  const name = normal(host);
  return name === "localhost" || name.endsWith(".localhost") || listed(LOOPBACK, name);
}

/** Normalizes a host: every name of this machine becomes `localhost`, and an IPv4 address within IPv6 becomes IPv4. */
export function canonicalHost(host: string): string {
  const name = normal(host);
  if (isLoopbackHost(name)) return "localhost";
  return (isIP(name) === 6 ? ipv4Within(name) : undefined) ?? name;
}

/**
 * Whether an IP address belongs to this machine or to a private network: RFC 1918, link-local, shared, unique local.
 */
export function isPrivateAddress(address: string): boolean {
  const plain = normal(address);
  return listed(LOOPBACK, plain) || listed(PRIVATE, plain);
}

/**
 * Whether the host of a URL is certainly this machine or in the user's own network: `localhost`, or a literal address
 * in such a range. Any other name depends on a resolver (a search domain, a DNS server), and the result may change.
 */
export function isOwnNetwork(hostname: string): boolean {
  const isTranslated = hostname.startsWith("[64:ff9b:"); // maps to any IPv4 address
  return hostname === "localhost" || (isPrivateAddress(hostname) && !isTranslated);
}

/** A private address, or a name that only a private network resolves (`api`, `host.docker.internal`, `box.local`). */
export function isPrivateHost(host: string): boolean {
  const name = normal(host);
  if (isLoopbackHost(name) || isPrivateAddress(name)) return true;
  return isIP(name) === 0 && (!name.includes(".") || PRIVATE_NAME.test(name));
}

/** Whether an address can belong to a server on the internet: neither private nor reserved. */
export function isPublicAddress(address: string): boolean {
  const plain = normal(address);
  return isIP(plain) !== 0 && !isPrivateAddress(plain) && !listed(RESERVED, plain);
}

const LOOPBACK = onFirstUse(["127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"]);
const PRIVATE = onFirstUse([
  "10.0.0.0/8",
  "100.64.0.0/10", // shared by a carrier's customers (CGNAT), and used by Tailscale networks
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "64:ff9b:1::/48", // IPv4 addresses translated within one network
  "fc00::/7",
  "fe80::/10",
  "fec0::/10", // site-local, the older form of fc00::/7
]);
/** From IANA's registries of special-purpose addresses: documentation, tests, multicast, unassigned. */
const RESERVED = onFirstUse([
  "0.0.0.0/8",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "::/96", // deprecated IPv4-compatible addresses, which are not routed
  "100::/64",
  "2001::/23", // protocol assignments, including Teredo
  "2001:db8::/32",
  "3fff::/20",
  "ff00::/8",
]);
/** Names that public DNS never resolves (RFC 2606, 6761, 6762, 7686, 8375), and common names of private networks. */
const PRIVATE_NAME = /\.(local|internal|localdomain|lan|test|invalid|onion|corp|home|intranet|private|svc|home\.arpa)$/;

/** Whether a host is an IP address. */
export function isIpAddress(host: string): boolean {
  return isIP(normal(host)) !== 0;
}

/** Whether an IP address equals this one, or is within this block: `10.0.0.0/8`. False for any other text. */
export function isInBlock(address: string, block: string): boolean {
  const [network = "", bits] = normal(block).split("/");
  const family = isIP(network);
  if (family === 0 || family !== isIP(normal(address))) return false;
  const most = family === 6 ? 128 : 32;
  const length = Number(bits ?? most);
  if (!/^\d*$/.test(bits ?? "") || length > most) return false;
  return listed(() => blockList([`${network}/${length}`]), normal(address));
}

/** Creating a list loads a part of Node.js, and most commands check no address. */
function onFirstUse(subnets: readonly string[]): () => BlockList {
  let list: BlockList | undefined;
  return () => (list ??= blockList(subnets));
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = "", bits] = subnet.split("/");
    list.addSubnet(network, Number(bits), network.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

function listed(listOf: () => BlockList, address: string): boolean {
  const family = isIP(address);
  const list = listOf();
  if (family === 4) return list.check(address, "ipv4");
  if (family !== 6) return false;
  const inner = ipv4Within(address);
  return list.check(address, "ipv6") || (inner !== undefined && list.check(inner, "ipv4"));
}

/**
 * The IPv4 address that an IPv6 address contains: mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) and 6to4 (2002::/16).
 */
function ipv4Within(address: string): string | undefined {
  // The URL parser writes the address in its canonical hexadecimal form.
  const short = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const words = expand(short);
  const [first, second] = words;
  const isTail = words.slice(2, 5).every((word) => word === 0);
  const isMapped = first === 0 && second === 0 && isTail && words[5] === 0xff_ff;
  const isNat64 = first === 0x64 && second === 0xff_9b && isTail && words[5] === 0;
  const [high = 0, low = 0] = first === 0x20_02 ? words.slice(1, 3) : words.slice(6);
  if (!isMapped && !isNat64 && first !== 0x20_02) return undefined;
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

function expand(short: string): number[] {
  const [head = "", tail] = short.split("::");
  const numbers = (part: string) => (part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16)));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

export interface HostPort {
  /** As the URL parser writes it, IPv6 in brackets. */
  readonly host: string;
  /** Undefined: any port. */
  readonly port: string | undefined;
}

/** Reads a host with or without a port, or an http or https URL; undefined for any other text. */
export function readHostPort(text: string): HostPort | undefined {
  const bare = text.replace(/^https?:\/\/([^/]*).*$/i, "$1");
  const [, name = "", port] = /^(\[[^\]]*\]|[^[\]:@/?#\\%]+)(?::(\d{1,5}))?$/.exec(bare) ?? [];
  const host = URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname.replace(/\.+$/, "") : "";
  const isPort = port === undefined || (Number(port) > 0 && Number(port) < 65_536);
  if (!isPort || !/^(\[[\da-f:.]+\]|[a-z\d._-]+)$/.test(host)) return undefined;
  return { host, port: port === undefined ? undefined : String(Number(port)) };
}

/** The host name in a host or an https URL; undefined for any other text. */
export function bareHost(text: string): string | undefined {
  const host = text
    .trim()
    .replace(/^https:\/\//i, "")
    .replace(/\/$/, "")
    .toLowerCase();
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) ? host : undefined;
}

function normal(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "");
}
