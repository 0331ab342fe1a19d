import type { ExchangeOutcome } from "./exchange.ts";

/**
 * Whether two URLs are equivalent. An API may normalize a URL, with the host in lower case or a slash after a bare
 * host. Text that is not a URL is compared unchanged.
 */
export function isSameUrl(one: string, other: string): boolean {
  return one === other || normal(one) === normal(other);
}

function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** Removes the credentials of a URL (the part before an `@`) from a text that an error quotes. */
export function withoutCredentials(text: string): string {
  return text.replace(/(^|\s)('?)\S*:\S*@/g, "$1$2…@");
}

/** The text without its percent-encoding; unchanged if it is not valid: a password may contain a percent sign. */
export function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The target of a redirect. */
export interface Redirect {
  /** An absolute URL, without user and password. */
  readonly target: string;
  /** Whether the paths differ only by a slash at the end. */
  readonly isOnlySlash: boolean;
  /** Whether the paths are the same, apart from a slash at the end; otherwise a login may redirect. */
  readonly isSamePath: boolean;
}

/** Resolves a `Location` header against a URL; undefined if the result is not an http or https URL. */
export function readRedirect(url: string, location: string | undefined): Redirect | undefined {
  if (location === undefined || location === "" || !URL.canParse(location, url)) return undefined;
  const [from, to] = [new URL(url), new URL(location, url)];
  if (!/^https?:$/.test(to.protocol)) return undefined;
  [to.username, to.password] = ["", ""];
  const isSamePath = bare(from.pathname) === bare(to.pathname);
  const isOnlySlash = isSamePath && from.origin === to.origin && from.pathname !== to.pathname;
  return { target: to.href, isOnlySlash, isSamePath };
}

/** The target of the response to a request to this URL, if it is a redirect with a `Location`. */
export function redirectOf(url: string, outcome: ExchangeOutcome): Redirect | undefined {
  if (outcome.kind === "failed" || outcome.status < 300 || outcome.status > 399) return undefined;
  return readRedirect(url, outcome.headers.find(([name]) => name.toLowerCase() === "location")?.[1]);
}

/** Explains a redirect to the user, who must change a URL or the app. */
export function explainRedirect({ target, isOnlySlash }: Redirect): string {
  const difference = isOnlySlash ? (target.endsWith("/") ? ", with a slash at the end" : ", without the slash") : "";
  return `Redirects are not followed. It leads to ${target}${difference}`;
}

/** The explanation with what to do: `remedy` is for an app that has moved. */
export function redirectHint(redirect: Redirect, remedy: string): string {
  const explanation = explainRedirect(redirect);
  if (redirect.isSamePath) return `${explanation}: ${remedy}`;
  return `${explanation}. If that is a login, exempt the webhook's path from it; otherwise: ${remedy}`;
}

function bare(pathname: string): string {
  return pathname.replace(/\/+$/, "");
}
