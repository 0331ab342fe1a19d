import { EMULATOR_ACCESS } from "../core/environments.ts";
import { type LimitState, Refusal, type RefusalCode } from "./refusal.ts";
import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost, readHostPort } from "../core/hosts.ts";
import type { Clock } from "../platform/clock.ts";

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

/** Names of the machine in its containers: Docker and Podman resolve these to its loopback. */
const CONTAINER_NAMES = new Set(["host.docker.internal", "host.containers.internal", "gateway.docker.internal"]);

/**
 * Throws 403 for requests that a web page can send: a cross-origin request, which a browser sends without asking, or
 * one under a name that resolves to 127.0.0.1 (DNS rebinding). An emulator's credentials are public and protect
 * nothing.
 */
export function refuseWebPages(headers: IncomingHttpHeaders): void {
  const host = readHostPort(headers.host ?? "")?.host;
  if (host === undefined) throw new Refusal("400-001", { message: "The Host header is not valid." });
  const isLocal = isLoopbackHost(host) || CONTAINER_NAMES.has(host);
  const site = headers["sec-fetch-site"];
  // `none`: the user entered the URL.
  const isFromPage = headers.origin !== undefined || (site !== undefined && site !== "none");
  if (isLocal && !isFromPage) return;
  throw new Refusal("403-001", { message: "The emulator answers only programs on this machine, not web pages." });
}

const WINDOW_MS = 1_000;

/** Allows each key this number of requests in any second. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, "now">;
  readonly #sentAt = new Map<string, number[]>();

  constructor(perSecond: number, clock: Pick<Clock, "now">) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Counts a request of this key, or throws the refusal. */
  admit(apiKey: string): LimitState {
    const now = this.#clock.now();
    const recent = (this.#sentAt.get(apiKey) ?? []).filter((at) => at > now - WINDOW_MS);
    this.#sentAt.set(apiKey, recent);
    const perSecond = this.#perSecond;
    const isOver = recent.length >= perSecond;
    if (!isOver) recent.push(now);
    const limit = { perSecond, left: Math.floor(perSecond - recent.length), resetAt: (recent[0] ?? now) + WINDOW_MS };
    if (!isOver) return limit;
    throw new Refusal("429-001", { message: `More than ${perSecond} requests in a second.`, limit });
  }
}
