/**
 * Host names under which tunnel services hand out public URLs. Such a URL leads to somebody's own machine, for as long as
 * a program runs there.
 */
export const TUNNEL_DOMAINS: readonly string[] = [
  "ngrok.app",
  "ngrok.dev",
  "ngrok.io",
  "ngrok.pizza",
  "ngrok-free.app",
  "ngrok-free.dev",
  "trycloudflare.com",
  "cfargotunnel.com",
  "loca.lt",
  "localtunnel.me",
  "serveo.net",
  "serveousercontent.com",
  "localhost.run",
  "lhr.life",
  "lhr.rocks",
  "devtunnels.ms",
  "ts.net",
  "tunnelmole.net",
  "pinggy.io",
  "pinggy.link",
  "bore.pub",
  "telebit.io",
  "zrok.io",
  "localxpose.io",
  "loclx.io",
  "smee.io",
  "webhook.site",
  "hookdeck.com",
];

/** The service's domain if the host belongs to a tunnel service, else undefined. */
export function tunnelDomainOf(host: string): string | undefined {
  const name = normal(host);
  return TUNNEL_DOMAINS.find((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** Whether a host is this machine: `localhost`, 127.0.0.0/8, ::1, or the unspecified address. */
export function isLoopbackHost(host: string): boolean {
  const name = normal(host);
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    /^127(\.\d{1,3}){3}$/.test(name) ||
    name === "0.0.0.0" ||
    name === "::1" ||
    name === "::" ||
    /^::ffff:7f[0-9a-f]{2}:/.test(name)
  );
}

/** The bare name of a host that was given as one, or as an https URL of one; undefined if it is neither. */
export function bareHost(text: string): string | undefined {
  const host = text
    .trim()
    .replace(/^https:\/\//i, "")
    .replace(/\/$/, "")
    .toLowerCase();
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host) ? host : undefined;
}

function normal(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "");
}
