import { createHmac, timingSafeEqual } from "node:crypto";
import type { HeaderPair, Verification } from "./delivery.ts";
import { keysOf, standardKey } from "./secret-rule.ts";

/**
 * Signature schemes. Bluum signs every delivery but publishes neither the header nor the algorithm, so all common
 * schemes are supported, and reports name the one that matched. All are HMAC-SHA256 over the raw bytes.
 */
export const SCHEMES = ["standard-webhooks", "timestamped", "hex", "base64"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** Maximum difference between the signature time and now, in the past or future. */
export const DEFAULT_TOLERANCE_MS = 5 * 60_000;

export interface VerifyOptions {
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  /** All secrets that may have signed it: two during a rotation. */
  readonly secrets: readonly string[];
  /** Unix time in milliseconds. */
  readonly now: number;
  readonly toleranceMs?: number | undefined;
  /** Checks only this header. Without it, every header that looks like a signature is checked. */
  readonly header?: string | undefined;
  /** Whether a secret without `whsec_` is used as text only, and not decoded. */
  readonly isTextOnly?: boolean | undefined;
}

interface Candidate {
  readonly scheme: Scheme;
  readonly header: string;
  /** The time exactly as it is signed, if the scheme includes one: usually Unix seconds. */
  readonly timestamp?: string;
  readonly signedPrefix: string;
  readonly signatures: readonly Buffer[];
}

/** Compares in constant time; a bad signature is a value, never an exception. */
export function verify(options: VerifyOptions): Verification {
  const candidates = findCandidates(options.headers, options.header);
  const first = candidates[0];
  if (first === undefined) return { verdict: "unsigned" };
  if (options.secrets.length === 0) return { verdict: "no-secret", header: first.header };
  const keys = options.secrets.flatMap((secret) => (options.isTextOnly === true ? [secret] : keysOf(secret)));
  for (const candidate of candidates) {
    const matches = keys.some((key) => {
      const hmac = createHmac("sha256", key);
      if (candidate.signedPrefix !== "") hmac.update(candidate.signedPrefix);
      const expected = hmac.update(options.body).digest();
      return candidate.signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
    });
    if (!matches) continue;
    const found = { scheme: candidate.scheme, header: candidate.header };
    return isFresh(candidate.timestamp, options) ? { verdict: "verified", ...found } : { verdict: "stale", ...found };
  }
  return { verdict: "mismatch", header: first.header };
}

/** Compares whole seconds, as the libraries do: 300.9 s are within five minutes. Other texts are never fresh. */
function isFresh(timestamp: string | undefined, { now, toleranceMs = DEFAULT_TOLERANCE_MS }: VerifyOptions): boolean {
  if (timestamp === undefined) return true;
  return isUnixSeconds(timestamp) && Math.abs(Math.floor(now / 1000) - Number(timestamp)) * 1000 <= toleranceMs;
}

/** Eleven digits suffice until the year 5138; thirteen digits are milliseconds. */
function isUnixSeconds(text: string): boolean {
  return /^\d{1,11}$/.test(text);
}

/** A signature found in the headers, not yet verified. */
export interface FoundSignature {
  readonly scheme: Scheme;
  /** Lower case. */
  readonly header: string;
  /** Unix milliseconds of the signature, if the scheme includes a time. */
  readonly signedAt?: number;
  /** Its time as sent, if that is not a number of seconds. */
  readonly unreadableTime?: string;
}

/** Every signature of a known scheme in the headers. */
export function findSignatures(headers: readonly HeaderPair[], only?: string): FoundSignature[] {
  return findCandidates(headers, only).map(({ scheme, header, timestamp }) => ({
    scheme,
    header,
    ...(timestamp === undefined
      ? {}
      : isUnixSeconds(timestamp)
        ? { signedAt: Number(timestamp) * 1000 }
        : { unreadableTime: timestamp }),
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
  /** Header of the single-header schemes; Standard Webhooks defines its own names. */
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
        ["webhook-signature", `v1,${mac(standardKey(options.secret), `${options.id}.${seconds}.`).toString("base64")}`],
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

/**
 * Tested in the sender's case: most headers do not match, and converting each to lower case would allocate a string.
 */
const SIGNATURE_NAME = /signature|hmac/i;

function findCandidates(headers: readonly HeaderPair[], only: string | undefined): Candidate[] {
  const wanted = only?.toLowerCase();
  const candidates: Candidate[] = [];
  for (const [rawName, value] of headers) {
    if (wanted === undefined ? !SIGNATURE_NAME.test(rawName) : rawName.toLowerCase() !== wanted) continue;
    const name = rawName.toLowerCase();
    candidates.push(...standardWebhooks(name, value, headers), ...timestamped(name, value), ...plain(name, value));
  }
  return candidates;
}

/** One header may contain several signatures, separated by spaces, or by commas if a proxy joined two headers. */
function standardWebhooks(name: string, value: string, headers: readonly HeaderPair[]): Candidate[] {
  if (!name.endsWith("-signature") || !value.includes("v1,")) return [];
  const prefix = name.slice(0, -"-signature".length);
  const companion = (suffix: string) =>
    headers.findLast(([other]) => other.toLowerCase() === `${prefix}${suffix}`)?.[1];
  const [id, timestamp] = [companion("-id"), companion("-timestamp")];
  if (id === undefined || timestamp === undefined) return [];
  const signatures = [...value.matchAll(/(?:^|[\s,])v1,([^\s,]*)/g)].map(([, text = ""]) =>
    Buffer.from(text, "base64"),
  );
  if (signatures.length === 0) return [];
  return [{ scheme: "standard-webhooks", header: name, timestamp, signedPrefix: `${id}.${timestamp}.`, signatures }];
}

/** `t=…,v1=…`, once, or several joined by a proxy: each has its own time. */
function timestamped(name: string, value: string): Candidate[] {
  if (!value.includes("t=")) return [];
  const times = value.match(/(?:^|[\s,])t=/g)?.length ?? 0;
  const each = times > 1 ? value.split(/,\s*(?=t=)/) : [value];
  return each.flatMap((one) => {
    const parts = one.split(",").map((part) => part.trim().split("=", 2));
    const timestamp = parts.find(([key]) => key === "t")?.[1];
    const signatures = parts
      .filter(([key, hex]) => key === "v1" && HEX_DIGEST.test(hex ?? ""))
      .map(([, hex]) => Buffer.from(hex ?? "", "hex"));
    if (timestamp === undefined || timestamp === "" || signatures.length === 0) return [];
    return [{ scheme: "timestamped" as const, header: name, timestamp, signedPrefix: `${timestamp}.`, signatures }];
  });
}

const HEX_DIGEST = /^[0-9a-f]{64}$/i;
const HEX_DIGEST_LENGTH = 64;
const BASE64_DIGEST = /^[A-Za-z0-9+/_-]{43}=?$/;

function plain(name: string, value: string): Candidate[] {
  const found = { header: name, signedPrefix: "" };
  // Most headers contain a single digest. Reading stops at the first character that is not hexadecimal.
  const only = value.startsWith("sha256=") ? value.slice("sha256=".length) : value;
  const bytes = only.length === HEX_DIGEST_LENGTH ? Buffer.from(only, "hex") : undefined;
  if (bytes?.length === HEX_DIGEST_LENGTH / 2) return [{ ...found, scheme: "hex", signatures: [bytes] }];
  return value.split(",").flatMap((one): Candidate[] => {
    const digest = one.trim().replace(/^sha256=/i, "");
    if (HEX_DIGEST.test(digest)) return [{ ...found, scheme: "hex", signatures: [Buffer.from(digest, "hex")] }];
    if (BASE64_DIGEST.test(digest))
      return [{ ...found, scheme: "base64", signatures: [Buffer.from(digest, "base64")] }];
    return [];
  });
}
