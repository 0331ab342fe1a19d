import { createBluumClient, type BluumClient } from "../../src/bluum/client.ts";
import { EMULATOR_ACCESS, ENVIRONMENT_FACTS, isSandboxUrl } from "../../src/core/environments.ts";
import type { Generation, Owner } from "../../src/core/id-rules.ts";
import { isMarketOpen } from "../../src/core/market-hours.ts";
import { startEmulator } from "../../src/emulator/server.ts";
import { systemClock } from "../../src/platform/clock.ts";

/**
 * The behaviour that the program relies on, tested with two targets: always with the emulator, and with the real
 * sandbox if BLUUM_CONTRACT=sandbox and the usual BLUUM_ variables are set. Both must behave the same.
 */
export interface Target extends AsyncDisposable {
  readonly baseUrl: string;
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string };
  readonly owners: readonly Owner[];
  readonly requestsPerSecond: number;
  /** Whether new investors would stay: none is created then. */
  readonly keepsOwners: boolean;
  /** A linked bank account; undefined: withdrawals are not tried. */
  readonly fundingSourceId: string | undefined;
  /** Whether market orders are filled now. */
  readonly isMarketOpen: boolean;
}

const env = process.env;
const isRealAsked = env["BLUUM_CONTRACT"] === "sandbox";

function realSandbox(): Target {
  const baseUrl = env["BLUUM_BASE_URL"] ?? ENVIRONMENT_FACTS.sandbox.baseUrl;
  if (!isSandboxUrl(baseUrl)) throw new Error("the contract is only tried on Bluum's sandbox");
  return {
    baseUrl,
    credentials: { apiKey: env["BLUUM_API_KEY"] ?? "", apiSecret: env["BLUUM_API_SECRET"] ?? "" },
    owners: [
      ...(env["BLUUM_INVESTOR_ID"] ? [{ generation: "current" as const, investorId: env["BLUUM_INVESTOR_ID"] }] : []),
      ...(env["BLUUM_ACCOUNT_ID"] ? [{ generation: "legacy" as const, accountId: env["BLUUM_ACCOUNT_ID"] }] : []),
    ],
    keepsOwners: true,
    requestsPerSecond: ENVIRONMENT_FACTS.sandbox.requestsPerSecond,
    fundingSourceId: env["BLUUM_FUNDING_SOURCE_ID"] || undefined,
    isMarketOpen: isMarketOpen(systemClock.now()),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function emulatorTarget(generation: Generation | "both" = "both"): Promise<Target> {
  const emulator = await startEmulator({
    port: 0,
    orNext: false,
    generation,
    market: "open",
    payload: "event",
    speed: 600,
    chaos: [],
    requestsPerSecond: 1000,
    clock: systemClock,
  });
  const { apiKey, apiSecret, investorId, accountId } = EMULATOR_ACCESS;
  return {
    baseUrl: emulator.baseUrl,
    credentials: { apiKey, apiSecret },
    owners: [
      { generation: "current", investorId },
      { generation: "legacy", accountId },
    ],
    keepsOwners: false,
    requestsPerSecond: 1000,
    fundingSourceId: "fs_1",
    isMarketOpen: true,
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

export const TARGETS = [
  { name: "the emulator", open: emulatorTarget, isHere: true },
  {
    name: "the real sandbox (only with BLUUM_CONTRACT=sandbox)",
    open: async (_generation?: Generation) => realSandbox(),
    isHere: isRealAsked,
  },
];

export function clientOf(target: Target, credentials = target.credentials): BluumClient {
  return createBluumClient({
    beforeMoney: async () => {},
    environment: "sandbox",
    baseUrl: target.baseUrl,
    credentials,
    requestsPerSecond: target.requestsPerSecond,
    clock: systemClock,
    signal: new AbortController().signal,
    userAgent: "bluum-hooks-contract",
  });
}
