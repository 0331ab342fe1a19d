import type { ProductionServer } from "../core/money.ts";
import type { Profile } from "./profile.ts";

/**
 * Every server in the profile of production: its base URL, the origin that accepted its keys, and the servers of its
 * webhooks.
 */
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
