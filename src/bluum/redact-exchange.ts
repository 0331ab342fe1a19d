import { stripVTControlCharacters } from "node:util";
import { MIN_SECRET_CHARS, type Credentials } from "../core/secrets.ts";

/** Prepares text from a peer for an error message: no secrets, no control characters, at most `maxChars` characters. */
export type Redact = (text: string, maxChars?: number) => string;

const MASK = "[hidden]";
export const MAX_QUOTED_CHARS = 200;

/** The token of `Authorization: Basic …`. */
export function basicToken({ apiKey, apiSecret }: Credentials): string {
  return Buffer.from(`${apiKey}:${apiSecret}`).toString("base64");
}

/**
 * Masks the secrets of one client. A peer may return what was sent, unchanged or escaped, and a webhook's secret may
 * be in a response that cannot be parsed: both are masked.
 */
export function createRedact(credentials: Credentials): Redact {
  const secrets = [basicToken(credentials), credentials.apiSecret, credentials.apiKey]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .filter((secret) => secret.length >= MIN_SECRET_CHARS)
    // The longest first: a key may be a part of the token.
    .toSorted((a, b) => b.length - a.length);
  const mask = (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  // Masked twice, because a secret may contain characters that cleaning removes, and cleaning may join parts of a
  // secret.
  return (text, maxChars = MAX_QUOTED_CHARS) => clip(mask(clean(maskNamedSecrets(mask(text)))), maxChars);
}

// Bounded on the left, so that a malicious megabyte is processed in linear time.
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
