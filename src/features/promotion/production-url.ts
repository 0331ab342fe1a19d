import { AppError } from "../../core/errors.ts";
import {
  devServiceOf,
  isLoopbackHost,
  isPrivateHost,
  isPublicAddress,
  leadsTo,
  type DevService,
} from "../../core/hosts.ts";
import { withoutCredentials } from "../../core/urls.ts";
import type { Lookup } from "../../platform/lookup.ts";
import { DEPLOYED_EXAMPLE } from "../../core/defaults.ts";

const WANTED = "Use the public URL of your deployed app.";

/**
 * Throws `invalid_url` unless the URL can be a production endpoint: HTTPS, and neither this machine, nor a private
 * network, nor a tunnel. No flag allows such a URL: events would be lost, or sent to another party.
 */
export function checkProductionUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw refusal(text, "it is not a URL", `Use the whole URL: ${DEPLOYED_EXAMPLE}`);
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw refusal(text, "it contains credentials", "Authenticate deliveries by their signature instead.");
  }
  if (url.protocol !== "https:") {
    throw refusal(text, "Bluum delivers to HTTPS only", "Use the https:// URL of your app.");
  }
  if (url.hash !== "") {
    throw refusal(text, "the part after # is never sent", "Remove it from the URL.");
  }
  if (url.port === "0") throw refusal(text, "no server can have the port 0", WANTED);
  const service = devServiceOf(url.hostname);
  if (service !== undefined) throw refusal(text, WHY[service.kind](service), WANTED);
  const host = leadsTo(url.hostname);
  if (isLoopbackHost(host)) throw refusal(text, "it is this machine", WANTED);
  if (isPrivateHost(host)) throw refusal(text, "only a private network can reach it", WANTED);
  if (isAddress(host) && !isPublicAddress(host)) throw refusal(text, `no server can have the address ${host}`, WANTED);
  return url;
}

const WHY: Readonly<Record<DevService["kind"], (service: DevService) => string>> = {
  tunnel: ({ domain, service }) => `${domain} is a tunnel to somebody's machine (${service})`,
  inspector: ({ domain, service }) => `${domain} is a service that displays requests, not your app (${service})`,
  loopback: ({ domain }) => `${domain} resolves to the machine of each client`,
  workspace: ({ domain, service }) => `${domain} leads to a development machine (${service})`,
};

/** The URL parser normalizes addresses: IPv4 to four decimal numbers, IPv6 to a form with colons. */
function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(\.\d+){3}$/.test(host);
}

/**
 * Throws `invalid_url` for a name that resolves to this machine or a private network. A name that cannot be resolved
 * is left to the checks of the endpoint.
 */
export function checkProductionAddress(url: URL, lookup: Lookup): void {
  if (lookup.kind === "unknown") return;
  const wrong = lookup.addresses.find((address) => !isPublicAddress(address));
  if (wrong === undefined) return;
  const what = isLoopbackHost(wrong) ? "this machine" : isPrivateHost(wrong) ? "a private network" : "no server";
  throw refusal(
    url.href,
    `${url.hostname} leads to ${what} (${wrong})`,
    "Use a name whose public DNS record leads to your deployed app; a local DNS server or hosts file may override it here.",
  );
}

function refusal(what: string, why: string, hint: string): AppError {
  return new AppError("invalid_url", `${withoutCredentials(what)} cannot be promoted: ${why}`, { hint });
}
