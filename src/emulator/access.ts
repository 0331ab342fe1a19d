import { EMULATOR_ACCESS } from "../core/environments.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";

/** Public like the emulator's main key pair: a key that may place orders but not manage webhooks. */
export const INVESTOR_SCOPED_ACCESS = {
  apiKey: "emulator_investor_key",
  apiSecret: "emulator_investor_secret",
} as const;

/** A known key pair; `refusedWith` is for those that have become invalid. */
export interface Access {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly scope: "tenant" | "investor";
  readonly refusedWith?: RefusalCode;
}

const KNOWN: readonly Access[] = [
  { apiKey: EMULATOR_ACCESS.apiKey, apiSecret: EMULATOR_ACCESS.apiSecret, scope: "tenant" },
  { ...INVESTOR_SCOPED_ACCESS, scope: "investor" },
  {
    apiKey: "emulator_inactive_key",
    apiSecret: EMULATOR_ACCESS.apiSecret,
    scope: "tenant",
    refusedWith: "401-004",
  },
  { apiKey: "emulator_expired_key", apiSecret: EMULATOR_ACCESS.apiSecret, scope: "tenant", refusedWith: "401-005" },
];

/** Reads HTTP Basic credentials. Throws the documented 401 errors. */
export function authenticate(authorization: string | undefined): Access {
  if (authorization === undefined || authorization === "") throw new Refusal("401-001");
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization.trim())?.[1];
  const decoded = Buffer.from(encoded ?? "", "base64").toString();
  const colon = decoded.indexOf(":");
  if (colon < 1) throw new Refusal("401-002");
  const access = KNOWN.find(({ apiKey }) => apiKey === decoded.slice(0, colon));
  if (access === undefined || access.apiSecret !== decoded.slice(colon + 1)) throw new Refusal("401-003");
  if (access.refusedWith !== undefined) throw new Refusal(access.refusedWith);
  return access;
}
