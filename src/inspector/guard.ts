import type { IncomingMessage } from "node:http";
import { Refused } from "./answers.ts";

/** What every request must be before anything is served, pages and assets included: addressed to this server, by its own name. */
export function checkTarget({ rawHeaders, url = "" }: IncomingMessage, port: number): void {
  const hosts = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && name.toLowerCase() === "host" ? [(rawHeaders[at + 1] ?? "").toLowerCase()] : [],
  );
  const [host] = hosts;
  // A name that somebody else's DNS leads here, and a proxy's request, are not ours.
  if (hosts.length !== 1 || host === undefined || !ownHosts(port).includes(host)) {
    throw new Refused(403, "this server is addressed by another name", `Open http://127.0.0.1:${port}/ instead.`);
  }
  if (!/^\/(?![/\\])/.test(url)) throw new Refused(403, "the request target is not a path");
}

function ownHosts(port: number): string[] {
  const names = ["127.0.0.1", "localhost"];
  return names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

/**
 * Whether a request for data comes from the page itself. Another page of this machine, or a name that only resolves to it, is
 * told apart by what the browser says, and a browser that says nothing is not believed. What carries the token needs no browser.
 */
export function checkSource({ headers }: IncomingMessage, hasToken: boolean): void {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || (site === undefined && hasToken)) return;
  if (site === undefined) {
    throw new Refused(
      403,
      "the request does not say where it comes from",
      "Use a browser that sends Sec-Fetch-Site; in a script, send the token of the printed URL as: Authorization: Bearer TOKEN.",
    );
  }
  throw new Refused(403, "the request comes from another page");
}

/** What a request that changes something must be besides. */
export function checkWrite({ headers }: IncomingMessage, hasToken: boolean): void {
  const { origin } = headers;
  if (origin === undefined ? !hasToken : origin !== `http://${headers.host}`) {
    throw new Refused(403, "the request comes from another origin");
  }
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") {
    throw new Refused(415, "the body must be JSON", "Send it with: content-type: application/json.");
  }
}
