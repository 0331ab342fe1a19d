import { BlockList, isIP } from "node:net";
import { isLoopbackHost } from "../core/hosts.ts";

/** Networks that a request does not leave: private and link-local ranges. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const) {
  PRIVATE.addSubnet(network, bits);
}
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");

/** A private address, or a name that only a private network resolves (`api`, `host.docker.internal`, `box.local`). */
export function isPrivateHost(hostname: string): boolean {
  if (isLoopbackHost(hostname)) return true;
  const address = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(address);
  if (family !== 0) return PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4");
  return !hostname.includes(".") || /\.(local|internal)$/i.test(hostname);
}
