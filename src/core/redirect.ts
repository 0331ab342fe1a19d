import type { ExchangeOutcome } from "./exchange.ts";

/** Where a redirect leads. */
export interface Redirect {
  /** A whole URL, without user and password. */
  readonly target: string;
  /** Whether the paths differ by nothing but the slash at the end. */
  readonly isOnlySlash: boolean;
}

/** Where a `Location` leads from a URL; undefined where it is no URL of http or https. */
export function readRedirect(url: string, location: string | undefined): Redirect | undefined {
  if (location === undefined || location === "" || !URL.canParse(location, url)) return undefined;
  const [from, to] = [new URL(url), new URL(location, url)];
  if (!/^https?:$/.test(to.protocol)) return undefined;
  [to.username, to.password] = ["", ""];
  const isOnlySlash =
    from.origin === to.origin && from.pathname !== to.pathname && bare(from.pathname) === bare(to.pathname);
  return { target: to.href, isOnlySlash };
}

/** Where the answer to a request to this URL leads, if it is a redirect that says so. */
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
