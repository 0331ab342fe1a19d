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
 * Refuses a request for data that does not come from the page itself, as the browser says in `Sec-Fetch-Site`. A name that only
 * resolves to this machine gets no such header, so a request without one must carry the token.
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
