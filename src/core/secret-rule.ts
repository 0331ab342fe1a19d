/**
 * Why a text is not a valid signing secret, as a rule for a message that does not quote it. A secret is opaque, but
 * these texts result from copying errors: an app with the same text would agree with this program and reject Bluum's
 * deliveries.
 */
export function secretRule(secret: string): string | undefined {
  if (/^["'`“”‘’]|["'`“”‘’]$/.test(secret)) return "must not have quotation marks around it";
  if (/^v\d+[a-z]?$|^v\d+[a-z]?[,=]/.test(secret)) return 'must not begin with "v1,", which belongs to a signature';
  if (/^[A-Z_]+=/.test(secret)) return "must be the secret alone, without the name of a variable";
  if (/\p{C}/u.test(secret)) return "must not contain control characters";
  if (secret.startsWith(PREFIX) && !isBase64(secret.slice(PREFIX.length))) return `must have base64 after ${PREFIX}`;
  return undefined;
}

/** The prefix of a secret that is base64-encoded. */
const PREFIX = "whsec_";

type Key = string | Buffer;

/** Cached keys of secrets: each delivery uses the same few secrets. */
const KNOWN_KEYS = new Map<string, readonly Key[]>();
const MAX_KNOWN_KEYS = 32;

/** Every key that a secret can represent, the most likely first: its decoded bytes, and its text. */
export function keysOf(secret: string): readonly Key[] {
  const known = KNOWN_KEYS.get(secret);
  if (known !== undefined) return known;
  const keys = readKeys(secret);
  if (KNOWN_KEYS.size < MAX_KNOWN_KEYS) KNOWN_KEYS.set(secret, keys);
  return keys;
}

function readKeys(secret: string): readonly Key[] {
  if (secret.startsWith(PREFIX)) {
    const bytes = decoded(secret.slice(PREFIX.length));
    return bytes === undefined ? [secret] : [bytes, secret];
  }
  const bytes = decoded(secret);
  return bytes === undefined ? [secret] : [secret, bytes];
}

/**
 * The key for Standard Webhooks: the decoded secret, or the text of a secret that is not encoded, as its libraries
 * do.
 */
export function standardKey(secret: string): string | Buffer {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : lacksPrefix(secret) ? secret : "";
  return decoded(encoded) ?? secret;
}

/** Whether a secret is base64 without its prefix. Shorter texts may be words that happen to be valid base64. */
export function lacksPrefix(secret: string): boolean {
  return !secret.startsWith(PREFIX) && (decoded(secret)?.length ?? 0) >= MIN_SECRET_BYTES;
}

const MIN_SECRET_BYTES = 16;

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
}

function decoded(text: string): Buffer | undefined {
  return isBase64(text) ? Buffer.from(text, "base64") : undefined;
}
