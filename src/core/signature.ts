import { createHmac, timingSafeEqual } from "node:crypto";
import type { HeaderPair, Verification } from "./delivery.ts";

/**
 * Bluum signs every delivery but publishes neither the header nor the algorithm, so the schemes in common use are all
 * known here and the one that matches is named. All are HMAC-SHA256 over the raw bytes.
 */
export const SCHEMES = ["standard-webhooks", "timestamped", "hex", "base64"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** Oldest (and furthest future) signature time that still counts as fresh. */
export const DEFAULT_TOLERANCE_MS = 5 * 60_000;

export interface VerifyOptions {
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  /** All secrets that may have signed it: two during a rotation. */
  readonly secrets: readonly string[];
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly toleranceMs?: number | undefined;
  /** Only look at this header. Without it every header that looks like a signature is tried. */
  readonly header?: string | undefined;
}

interface Candidate {
  readonly scheme: Scheme;
  readonly header: string;
  /** Seconds since the epoch, where the scheme carries a time. */
  readonly timestamp?: number;
  readonly signedPrefix: string;
  readonly signatures: readonly Buffer[];
}

/** Compares in constant time; a bad signature is a value, never an exception. */
export function verify(options: VerifyOptions): Verification {
  const candidates = findCandidates(options.headers, options.header);
  const first = candidates[0];
  if (first === undefined) return { verdict: "unsigned" };
  if (options.secrets.length === 0) return { verdict: "no-secret", header: first.header };
  const keys = options.secrets.flatMap(keysOf);
  for (const candidate of candidates) {
    const matches = keys.some((key) => {
      const hmac = createHmac("sha256", key);
      if (candidate.signedPrefix !== "") hmac.update(candidate.signedPrefix);
      const expected = hmac.update(options.body).digest();
      return candidate.signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
    });
    if (!matches) continue;
    const found = { scheme: candidate.scheme, header: candidate.header };
    const ageMs = candidate.timestamp === undefined ? 0 : Math.abs(options.now - candidate.timestamp * 1000);
    return ageMs <= (options.toleranceMs ?? DEFAULT_TOLERANCE_MS)
      ? { verdict: "verified", ...found }
      : { verdict: "stale", ...found };
  }
  return { verdict: "mismatch", header: first.header };
}

/** A signature that was found in the headers, before anybody asked whether it is right. */
export interface FoundSignature {
  readonly scheme: Scheme;
  /** Lower case. */
  readonly header: string;
  /** Unix milliseconds at which it was made, where the scheme says so. */
  readonly signedAt?: number;
}

/** Everything in the headers that reads as a signature of a known scheme. */
export function findSignatures(headers: readonly HeaderPair[], only?: string): FoundSignature[] {
  return findCandidates(headers, only).map(({ scheme, header, timestamp }) => ({
    scheme,
    header,
    ...(timestamp === undefined ? {} : { signedAt: timestamp * 1000 }),
  }));
}

export interface SignOptions {
  readonly scheme: Scheme;
  readonly body: Uint8Array;
  readonly secret: string;
  /** Event id; part of what Standard Webhooks signs. */
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly now: number;
  /** Header of the single-header schemes; Standard Webhooks has names of its own. */
  readonly header?: string | undefined;
}

/** The headers that carry a signature of `body` in the given scheme. */
export function sign(options: SignOptions): HeaderPair[] {
  const seconds = String(Math.floor(options.now / 1000));
  const header = options.header ?? "x-bluum-signature";
  const mac = (key: string | Buffer, prefix: string) =>
    createHmac("sha256", key).update(prefix).update(options.body).digest();
  switch (options.scheme) {
    case "standard-webhooks":
      return [
        ["webhook-id", options.id],
        ["webhook-timestamp", seconds],
        [
          "webhook-signature",
          `v1,${mac(decodedKey(options.secret) ?? options.secret, `${options.id}.${seconds}.`).toString("base64")}`,
        ],
      ];
    case "timestamped":
      return [[header, `t=${seconds},v1=${mac(options.secret, `${seconds}.`).toString("hex")}`]];
    case "hex":
      return [[header, `sha256=${mac(options.secret, "").toString("hex")}`]];
    case "base64":
      return [[header, mac(options.secret, "").toString("base64")]];
    default:
      return options.scheme satisfies never;
  }
}

/** A secret is used as text, and where it is `whsec_<base64>` also as the bytes it encodes. */
function keysOf(secret: string): (string | Buffer)[] {
  const decoded = decodedKey(secret);
  return decoded === undefined ? [secret] : [decoded, secret];
}

function decodedKey(secret: string): Buffer | undefined {
  if (!secret.startsWith("whsec_")) return undefined;
  const bytes = Buffer.from(secret.slice("whsec_".length), "base64");
  return bytes.length > 0 ? bytes : undefined;
}

/** Looked for in the sender's own case: most headers of a delivery are none, and a name in lower case is a string more. */
const SIGNATURE_NAME = /signature|hmac/i;

function findCandidates(headers: readonly HeaderPair[], only: string | undefined): Candidate[] {
  const wanted = only?.toLowerCase();
  const candidates: Candidate[] = [];
  for (const [rawName, value] of headers) {
    if (wanted === undefined ? !SIGNATURE_NAME.test(rawName) : rawName.toLowerCase() !== wanted) continue;
    const name = rawName.toLowerCase();
    for (const candidate of [standardWebhooks(name, value, headers), timestamped(name, value), plain(name, value)]) {
      if (candidate !== undefined) candidates.push(candidate);
    }
  }
  return candidates;
}

function standardWebhooks(name: string, value: string, headers: readonly HeaderPair[]): Candidate | undefined {
  if (!name.endsWith("-signature") || !value.includes("v1,")) return undefined;
  const prefix = name.slice(0, -"-signature".length);
  const companion = (suffix: string) =>
    headers.findLast(([other]) => other.toLowerCase() === `${prefix}${suffix}`)?.[1];
  const [id, timestamp] = [companion("-id"), companion("-timestamp")];
  if (id === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return undefined;
  const signatures = value
    .split(" ")
    .filter((part) => part.startsWith("v1,"))
    .map((part) => Buffer.from(part.slice(3), "base64"));
  if (signatures.length === 0) return undefined;
  return {
    scheme: "standard-webhooks",
    header: name,
    timestamp: Number(timestamp),
    signedPrefix: `${id}.${timestamp}.`,
    signatures,
  };
}

function timestamped(name: string, value: string): Candidate | undefined {
  if (!value.includes("t=")) return undefined;
  const parts = value.split(",").map((part) => part.trim().split("=", 2));
  const timestamp = parts.find(([key]) => key === "t")?.[1];
  const signatures = parts
    .filter(([key, hex]) => key === "v1" && /^[0-9a-f]{64}$/i.test(hex ?? ""))
    .map(([, hex]) => Buffer.from(hex ?? "", "hex"));
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return undefined;
  return {
    scheme: "timestamped",
    header: name,
    timestamp: Number(timestamp),
    signedPrefix: `${timestamp}.`,
    signatures,
  };
}

function plain(name: string, value: string): Candidate | undefined {
  const digest = value.trim().replace(/^sha256=/i, "");
  if (/^[0-9a-f]{64}$/i.test(digest)) {
    return { scheme: "hex", header: name, signedPrefix: "", signatures: [Buffer.from(digest, "hex")] };
  }
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(digest)) {
    return { scheme: "base64", header: name, signedPrefix: "", signatures: [Buffer.from(digest, "base64")] };
  }
  return undefined;
}
