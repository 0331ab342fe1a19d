import { decodedText } from "./urls.ts";
import { invalidValue } from "./invalid-value.ts";
import { isInBlock, isIpAddress, isLoopbackHost } from "./hosts.ts";

/** An HTTP proxy from the environment variables. */
export interface Proxy {
  /** http or https, without user and password. */
  readonly url: string;
  /** The value of `Proxy-Authorization`, if the variable contains a user. Secret. */
  readonly authorization: string | undefined;
  /** The variable that the proxy comes from. */
  readonly variable: string;
}

export type ProxyChoice =
  | { readonly kind: "proxy"; readonly proxy: Proxy }
  /** `exception`: the entry of `NO_PROXY` that matches, with the name of its variable. */
  | {
      readonly kind: "direct";
      readonly exception?: { readonly variable: string; readonly entry: string } | undefined;
    };

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Selects the proxy for a URL by curl's rules (https://everything.curl.dev/usingcurl/proxies/env): `https_proxy` for
 * https, `http_proxy` in lower case only for http, then `all_proxy`; `no_proxy` lists exceptions. An empty variable
 * counts as unset. Unlike curl, it never uses a proxy for this machine. Throws `invalid_setting` for an invalid
 * proxy.
 */
export function chooseProxy(url: URL, env: Env): ProxyChoice {
  if (isLoopbackHost(url.hostname)) return { kind: "direct" };
  const named = firstOf(env, url.protocol === "https:" ? HTTPS_VARIABLES : HTTP_VARIABLES);
  if (named === undefined) return { kind: "direct" };
  const exceptions = firstOf(env, ["no_proxy", "NO_PROXY"]);
  const entry = exceptions === undefined ? undefined : matching(exceptions.value, url.hostname);
  if (exceptions !== undefined && entry !== undefined) {
    return { kind: "direct", exception: { variable: exceptions.variable, entry } };
  }
  return { kind: "proxy", proxy: readProxy(named.variable, named.value) };
}

/** The proxy for a URL, or undefined for a direct connection. Throws `invalid_setting`. */
export function proxyFor(url: string | URL, env: Env): Proxy | undefined {
  const choice = chooseProxy(new URL(url), env);
  return choice.kind === "proxy" ? choice.proxy : undefined;
}

/** The name of a proxy in errors and reports. */
export function proxyName({ url, variable }: Proxy): string {
  return `the proxy ${url} (${variable})`;
}

const HTTPS_VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
// HTTP_PROXY is not read: in a CGI program a request header can set it.
const HTTP_VARIABLES = ["http_proxy", "all_proxy", "ALL_PROXY"];

function firstOf(env: Env, variables: readonly string[]): { variable: string; value: string } | undefined {
  for (const variable of variables) {
    const value = env[variable]?.trim() ?? "";
    if (value !== "") return { variable, value };
  }
  return undefined;
}

/** The default ports of curl. https://curl.se/libcurl/c/CURLOPT_PROXY.html */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "1080", "https:": "443" };

function readProxy(variable: string, text: string): Proxy {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url !== undefined && /^socks/i.test(url.protocol)) {
    throw invalidValue(variable, text, "must be an HTTP proxy: SOCKS is not supported", {
      code: "invalid_setting",
      hint: "Set HTTPS_PROXY to an HTTP proxy, or exclude the host with NO_PROXY.",
    });
  }
  const defaultPort = url === undefined ? undefined : DEFAULT_PORTS[url.protocol];
  if (url === undefined || defaultPort === undefined || url.hostname === "") {
    throw invalidValue(variable, text, "must be the URL of an HTTP proxy", {
      code: "invalid_setting",
      hint: "Use a URL such as http://proxy.example:3128 or http://user:password@proxy.example:3128, percent-encoded.",
    });
  }
  // The parser drops its own default port, so only the text shows whether a port was given.
  const isPortNamed = /:\d+\/*$/.test(whole.replace(/[?#].*$/, ""));
  const port = isPortNamed ? url.port || (url.protocol === "https:" ? "443" : "80") : defaultPort;
  return {
    url: `${url.protocol}//${url.hostname}:${port}`,
    authorization:
      url.username === "" && url.password === ""
        ? undefined
        : `Basic ${Buffer.from(`${decodedText(url.username)}:${decodedText(url.password)}`).toString("base64")}`,
    variable,
  };
}

/** The entry of an exception list that matches the host, a parent domain, or a block that contains its address. */
function matching(list: string, hostname: string): string | undefined {
  if (list === "*") return "*";
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.find((entry) => (isIpAddress(host) ? isInBlock(host, entry) : isDomain(entry, host)));
}

function isDomain(entry: string, host: string): boolean {
  const domain = entry.toLowerCase().replace(/^\./, "").replace(/\.$/, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}
