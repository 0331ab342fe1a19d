import { decodedText } from "../../core/urls.ts";

export const MASK = "••••";

const SECRET_NAME = /authorization|cookie|token|secret|password|passwd|credential|api[-_]?key/i;

/**
 * Whether a header's value is a credential and must not be shown. A signature is not: it is valid for one body only.
 */
export function isSecretHeader(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** In a query a signature gives access to anyone who has the URL, because it does not belong to a body. */
const SECRET_PARAMETER = /^(?:key|auth|code|pwd|jwt|sid|session(?:id)?)$|signature|^sig$|[-_.]key$|[-_.]sig$/i;

/** A URL, or a path with its query, with the values of secret parameters and any password masked. */
export function maskUrl(url: string): string {
  const [address = "", ...rest] = url.split(/(?=[?#])/);
  const masked = rest.map((part) =>
    part.replace(PARAMETER, (whole, before: string, name: string) =>
      isSecretParameter(name) ? `${before}${name}=${MASK}` : whole,
    ),
  );
  return address.replace(/^([a-z][\w+.-]*:\/\/[^/:@]*:)[^/@]*@/i, `$1${MASK}@`) + masked.join("");
}

/** A text with the secrets in its URLs masked. */
export function maskUrls(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>]+/gi, maskUrl);
}

const PARAMETER = /([?#&;])([^=&;#]*)=[^&;#]+/g;

/** An http URL without its secret parameters, and their names. */
export function withoutSecretParameters(url: string): { readonly url: string; readonly removed: readonly string[] } {
  const parsed = new URL(url);
  const removed = [...new Set(parsed.searchParams.keys())].filter(isSecretParameter);
  for (const name of removed) parsed.searchParams.delete(name);
  return removed.length === 0 ? { url, removed } : { url: parsed.href, removed };
}

function isSecretParameter(name: string): boolean {
  const decoded = decodedText(name);
  return SECRET_NAME.test(decoded) || SECRET_PARAMETER.test(decoded);
}
