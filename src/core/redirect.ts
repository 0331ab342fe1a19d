import type { ExchangeOutcome } from "./exchange.ts";

/** The target of a redirect. */
export interface Redirect {
  /** An absolute URL, without user and password. */
  readonly target: string;
  /** Whether the paths differ only by a slash at the end. */
  readonly isOnlySlash: boolean;
}

/** Resolves a `Location` header against a URL; undefined if the result is not an http or https URL. */
export function readRedirect(url: string, location: string | undefined): Redirect | undefined {
  if (location === undefined || location === "" || !URL.canParse(location, url)) return undefined;
  const [from, to] = [new URL(url), new URL(location, url)];
  if (!/^https?:$/.test(to.protocol)) return undefined;
  [to.username, to.password] = ["", ""];
  const isOnlySlash =
    from.origin === to.origin && from.pathname !== to.pathname && bare(from.pathname) === bare(to.pathname);
  return { target: to.href, isOnlySlash };
}

/** The target of the response to a request to this URL, if it is a redirect with a `Location`. */
export function redirectOf(url: string, outcome: ExchangeOutcome): Redirect | undefined {
  if (outcome.kind === "failed" || outcome.status < 300 || outcome.status > 399) return undefined;
  return readRedirect(url, outcome.headers.find(([name]) => name.toLowerCase() === "location")?.[1]);
}

/** Explains a redirect to the user who must change a URL. */
export function explainRedirect({ target, isOnlySlash }: Redirect): string {
  const difference = isOnlySlash ? (target.endsWith("/") ? ", with a slash at the end" : ", without the slash") : "";
  return `Redirects are not followed. It leads to ${target}${difference}`;
}

function bare(pathname: string): string {
  return pathname.replace(/\/+$/, "");
}
