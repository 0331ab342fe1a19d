import type { IncomingMessage } from "node:http";
import { Refused } from "./answers.ts";

/** Checks that every request, including those for pages and assets, is addressed to this server by its own name. */
export function checkTarget({ rawHeaders, url = "" }: IncomingMessage, port: number): void {
  const hosts = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && name.toLowerCase() === "host" ? [(rawHeaders[at + 1] ?? "").toLowerCase()] : [],
  );
  const [host] = hosts;
  // Rejects names that another DNS resolves to this machine, and requests to a proxy.
  if (hosts.length !== 1 || host === undefined || !ownHosts(port).includes(host)) {
    throw new Refused(403, "the host name is not that of this server", `Open http://127.0.0.1:${port}/ instead.`);
  }
  if (!/^\/(?![/\\])/.test(url)) throw new Refused(403, "the request target is not a path");
}

function ownHosts(port: number): string[] {
  const names = ["127.0.0.1", "localhost"];
  return names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

/**
 * Refuses a request for data that does not come from the page itself, according to the browser's `Sec-Fetch-Site`.
 * For a name that only resolves to this machine, browsers send no such header, so a request without it must have the
 * token.
 */
export function checkSource({ headers }: IncomingMessage, hasToken: boolean): void {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || (site === undefined && hasToken)) return;
  if (site === undefined) {
    throw new Refused(
      403,
      "the request has no Sec-Fetch-Site header and no token",
      "Use a browser that sends Sec-Fetch-Site; in a script, send the token of the printed URL as: Authorization: Bearer TOKEN.",
    );
  }
  throw new Refused(403, "the request comes from another page");
}

/** Additional checks for a request that changes something. */
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
