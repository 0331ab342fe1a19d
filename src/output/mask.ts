import { toUSVString } from "node:util";
import { LEAST_SECRET_CHARS } from "../core/secrets.ts";

const MASK = "••••";

const SECRET_HEADER = /authorization|cookie|token|secret|password|credential|api[-_]?key/i;

/** Whether a header's value opens something, and must not be shown. A signature does not: it proves, and is used up. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/**
 * Hides known secrets wherever they stand: as they are, URL-encoded, JSON-escaped, and in Basic credentials. What is too
 * short to be one is left.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "");
  const pairs = known.flatMap((user) => known.map((password) => `${user}:${password}`));
  const forms = [...known.flatMap(written), ...[...known, ...pairs].flatMap(encoded)].filter(
    (form) => form.length >= LEAST_SECRET_CHARS,
  );
  if (forms.length === 0) return text;
  // Longest first, so that no form hides a part of a longer one and leaves the rest.
  const alternatives = [...new Set(forms)].toSorted((one, other) => other.length - one.length).map(escape);
  return text.replace(new RegExp(alternatives.join("|"), "g"), MASK);
}

function written(secret: string): string[] {
  return [secret, encodeURIComponent(toUSVString(secret)), JSON.stringify(secret).slice(1, -1)];
}

function encoded(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [bytes.toString("base64"), bytes.toString("base64url")];
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
