import { isIP } from "node:net";
import type { Config } from "../../config/config-file.ts";
import { serversOfProduction } from "../../config/sandbox-hosts.ts";
import type { Context } from "../../context.ts";
import { isProductionUrl } from "../../core/environments.ts";
import { canonicalHost } from "../../core/hosts.ts";
import { requireSandbox, type MoneyTarget, type ProductionServer } from "../../core/money.ts";
import type { WebhookChange } from "../../store/store.ts";

interface MoneySources {
  readonly config: Pick<Config, "profile" | "sandboxHosts">;
  /** The production webhooks that this machine has changed. */
  readonly journal: () => Promise<readonly Pick<WebhookChange, "baseUrl" | "webhookId">[]>;
  readonly lookUp: Context["lookUp"];
  readonly signal: AbortSignal;
}

export type MoneyGate = (target: MoneyTarget) => Promise<void>;

/** `requireSandbox` with the facts that this machine knows now: another process may have added some. */
export function createMoneyGate(sources: MoneySources): MoneyGate {
  return (target) =>
    requireSandbox(target, async () => {
      const named = await productionServers(target, sources);
      const addressed = await addressesOf(named, target, sources);
      return { production: [...named, ...addressed], sandboxHosts: sources.config.sandboxHosts() };
    });
}

async function productionServers(
  { environment }: MoneyTarget,
  { config, journal }: MoneySources,
): Promise<ProductionServer[]> {
  // Every emulator uses the same port, so an old change does not concern the current one.
  const changes = environment === "emulator" ? [] : await journal();
  return [
    ...serversOfProduction(config.profile("production")),
    ...changes.map(({ baseUrl, webhookId }) => ({
      url: baseUrl,
      namedBy: `the server of webhook ${webhookId ?? "(being created)"}, which was changed from here`,
      isPast: true,
    })),
  ];
}

/** An address may belong to a server that production refers to by name. */
async function addressesOf(
  servers: readonly ProductionServer[],
  target: MoneyTarget,
  { lookUp, signal }: MoneySources,
): Promise<ProductionServer[]> {
  if (!isAddress(new URL(target.baseUrl).hostname)) return [];
  const named = servers.filter(
    ({ url }) => URL.canParse(url) && !isProductionUrl(url) && !isAddress(new URL(url).hostname),
  );
  const found = await Promise.all(
    named.map(async (server) => {
      const lookup = await lookUp(new URL(server.url).hostname, signal);
      const addresses = lookup.kind === "found" ? lookup.addresses : [];
      return addresses.map((address): ProductionServer => ({ ...server, url: withHost(server.url, address) }));
    }),
  );
  return found.flat();
}

function isAddress(hostname: string): boolean {
  const host = canonicalHost(hostname);
  return host === "localhost" || isIP(host) !== 0;
}

function withHost(url: string, address: string): string {
  const moved = new URL(url);
  moved.hostname = isIP(address) === 6 ? `[${address.replace(/%.*$/, "")}]` : address;
  return moved.href;
}
