import { EMULATOR_PORT } from "./defaults.ts";

/** The environments of the Bluum API. Base URLs and rate limits are those that Bluum publishes. */
export const ENVIRONMENTS = ["sandbox", "production", "emulator"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

interface EnvironmentFacts {
  /** The base URL used unless the user names another; the first of `aliases`. */
  readonly baseUrl: string;
  /** Further hosts that serve the same environment. */
  readonly aliases: readonly string[];
  /** Rate limit for one key pair. */
  readonly requestsPerSecond: number;
}

export const ENVIRONMENT_FACTS: Readonly<Record<Environment, EnvironmentFacts>> = {
  sandbox: {
    baseUrl: "https://sandbox.api.bluumfinance.com/v1",
    aliases: ["https://test-service.bluumfinance.com/v1", "https://sandbox.api.bluum.finance/v1"],
    requestsPerSecond: 10,
  },
  production: {
    baseUrl: "https://api.bluumfinance.com/v1",
    aliases: ["https://service.bluumfinance.com/v1", "https://api.bluum.finance/v1"],
    requestsPerSecond: 25,
  },
  emulator: { baseUrl: `http://127.0.0.1:${EMULATOR_PORT}/v1`, aliases: [], requestsPerSecond: 10 },
};

/** The emulator's own credentials and owners. They are public, because they give access to an emulator only. */
export const EMULATOR_ACCESS = {
  apiKey: "emulator_key",
  apiSecret: "emulator_secret",
  investorId: "inv_emulator00000001",
  accountId: "00000000-0000-4000-8000-000000000001",
} as const;

/** Every domain of Bluum's API, including the older one. */
const BLUUM_DOMAINS = ["bluumfinance.com", "bluum.finance"] as const;

/**
 * Whether a base URL belongs to Bluum and may move real money. Every Bluum host that is not a known sandbox counts,
 * so that a new alias is refused until it is known. False for text that is not a URL.
 */
export function isProductionUrl(baseUrl: string): boolean {
  const host = hostOf(baseUrl);
  const isBluums = BLUUM_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
  return isBluums && !isSandboxUrl(baseUrl);
}

/** Whether the host of a base URL is one that Bluum documents as its sandbox. False for text that is not a URL. */
export function isSandboxUrl(baseUrl: string): boolean {
  const host = hostOf(baseUrl);
  const { baseUrl: sandbox, aliases } = ENVIRONMENT_FACTS.sandbox;
  return [sandbox, ...aliases].some((known) => hostOf(known) === host);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase().replace(/\.+$/, "") : "";
}
