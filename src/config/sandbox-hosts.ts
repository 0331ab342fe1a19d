import { isProductionUrl } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { readHostPort } from "../core/hosts.ts";
import { findProductionServer, type ProductionServer } from "../core/money.ts";
import type { Profile } from "./profile.ts";

/**
 * Hosts that the user declares to be sandboxes, each with or without a port, separated by spaces or commas. Throws
 * `invalid_setting` for text that is not a host, and `production_refused` for a production host.
 */
export function checkSandboxHosts(text: string, production: Profile): string[] {
  const hosts = text.split(/[\s,]+/).filter((each) => each !== "");
  return [...new Set(hosts.map((each) => checkSandboxHost(each, production)))];
}

function checkSandboxHost(text: string, production: Profile): string {
  const server = readHostPort(text);
  if (server === undefined) {
    throw invalidValue("sandbox-hosts", text, "must be a host, with a port or without", {
      code: "invalid_setting",
      hint: "Use hosts, with or without a port: bluum-hooks config set sandbox-hosts gateway.example other.example:8443",
    });
  }
  const { host, port } = server;
  const named = findProductionServer(server, serversOfProduction(production));
  if (isProductionUrl(`https://${host}`) || named !== undefined) {
    const why = named === undefined ? "it is one of Bluum's" : `production's profile names it as ${named.namedBy}`;
    throw new AppError("production_refused", `${host} belongs to production: ${why}`, {
      hint: "Declare only hosts that move no real money. Add the port of the sandbox if the host serves production too.",
    });
  }
  return port === undefined ? host : `${host}:${port}`;
}

/** Every server in the profile of production: its base URL, the origin of its keys, and the servers of its webhooks. */
export function serversOfProduction({ baseUrl, keyOrigin, webhooks }: Profile): ProductionServer[] {
  return [
    ...(baseUrl === undefined ? [] : [{ url: baseUrl, namedBy: "its base URL" }]),
    ...(keyOrigin === undefined ? [] : [{ url: keyOrigin, namedBy: "the server that accepted its key pair" }]),
    ...Object.entries(webhooks).map(([id, webhook]) => ({
      url: webhook.baseUrl,
      namedBy: `the server of its webhook ${id}`,
    })),
  ];
}
