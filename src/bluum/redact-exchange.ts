import { stripVTControlCharacters } from "node:util";
import { MIN_SECRET_CHARS } from "../core/secrets.ts";

export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Makes text from a peer fit for an error message: no secrets, no control characters, at most `maxChars` characters. */
export type Redact = (text: string, maxChars?: number) => string;

const MASK = "[hidden]";
export const MAX_QUOTED_CHARS = 200;

/** The token of `Authorization: Basic …`. */
export function basicToken({ apiKey, apiSecret }: Credentials): string {
  return Buffer.from(`${apiKey}:${apiSecret}`).toString("base64");
}

/**
 * Knows the secrets of one client. A peer may echo what we sent, as it was or escaped, and a webhook's secret may stand
 * in an answer that we cannot read otherwise: both are hidden.
 */
export function createRedact(credentials: Credentials): Redact {
  const secrets = [basicToken(credentials), credentials.apiSecret, credentials.apiKey]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .filter((secret) => secret.length >= MIN_SECRET_CHARS)
    // The longest first: a key may be a part of the token.
    .toSorted((a, b) => b.length - a.length);
  const mask = (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  // Twice, because a secret may contain what cleaning removes, and cleaning may join what was apart.
  return (text, maxChars = MAX_QUOTED_CHARS) => clip(mask(clean(maskNamedSecrets(mask(text)))), maxChars);
}

// Bounded on the left, so that a hostile megabyte costs no more than a pass over it.
const NAMED_SECRET =
  /("[^"]{0,40}(?:secret|token|password|authorization)[^"]{0,40}"\s*:\s*)("(?:[^"\\]|\\.)*"?|\[[^\]]*\]?|\{[^}]*\}?)/gi;
const WEBHOOK_SECRET = /whsec_[\w+/=-]+/g;

function maskNamedSecrets(text: string): string {
  return text.replace(NAMED_SECRET, `$1"${MASK}"`).replace(WEBHOOK_SECRET, MASK);
}

function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\p{Cf}/gu, "")
    .replace(/ {2,}/g, " ")
    .trim();
}

function clip(text: string, maxChars: number): string {
  const chars = Array.from(text.slice(0, maxChars * 2 + 2));
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join("")}…`;
}
