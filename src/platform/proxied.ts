import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { Agent, Dispatcher, ProxyAgent } from "undici";
import type { Proxy } from "../core/proxy.ts";
import { proxyName } from "../core/proxy.ts";
import { networkFailure } from "./network-failure.ts";

/** Connections as the options say, through a proxy if there is one. */
export function createDispatcher(proxy: Proxy | undefined, options: Agent.Options = {}): Dispatcher {
  return proxy === undefined ? new Agent(options) : new ProxiedDispatcher(proxy, options);
}

/** To https by a tunnel, to http by asking the proxy for the whole URL. */
class ProxiedDispatcher extends Dispatcher {
  readonly #proxy: Proxy;
  readonly #tunnels: ProxyAgent;
  readonly #plain: Agent;

  constructor(proxy: Proxy, { connect, ...options }: Agent.Options) {
    super();
    this.#proxy = proxy;
    this.#plain = new Agent(options);
    this.#tunnels = new ProxyAgent({
      ...options,
      uri: proxy.url,
      ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
      ...(typeof connect === "object" ? { requestTls: connect } : {}),
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const origin = String(options.origin);
    if (origin.startsWith("https:")) return this.#tunnels.dispatch(options, handler);
    const { url, authorization } = this.#proxy;
    const added = authorization === undefined ? [] : ["Proxy-Authorization", authorization];
    const headers = [...flat(options.headers), ...added];
    const hasHost = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
    return this.#plain.dispatch(
      {
        ...options,
        origin: url,
        path: `${origin}${options.path}`,
        headers: hasHost ? headers : ["Host", new URL(origin).host, ...headers],
      },
      handler,
    );
  }

  override async close(): Promise<void> {
    await Promise.all([this.#tunnels.close(), this.#plain.close()]);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#tunnels.destroy(), this.#plain.destroy()]);
  }
}

/** Names and values in turn. */
function flat(headers: Dispatcher.DispatchOptions["headers"]): string[] {
  if (Array.isArray(headers)) return headers.map(String);
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((each) => [name, String(each)]),
  );
}

/** A proxy that answered, and did not open the way; or none that could be reached. */
export interface ProxyFailure {
  readonly kind: "refused" | "unreachable";
  /** Of the proxy's answer. */
  readonly status: number | undefined;
  readonly message: string;
}

/** What the proxy itself has against a request that failed; undefined where it is not about the proxy. */
export function proxyFailure(error: unknown, proxy: Proxy | undefined): ProxyFailure | undefined {
  if (proxy === undefined || !(error instanceof Error)) return undefined;
  // undici has no other mark for it, and the code of an abort.
  const status = /^Proxy response \((\d{3})\)/.exec(error.message)?.[1];
  if (status !== undefined) return refusedBy(proxy, Number(status));
  const [reason, message] = networkFailure(error);
  return reason === "refused" || reason === "unreachable"
    ? { kind: "unreachable", status: undefined, message: `${proxyName(proxy)} cannot be reached: ${message}` }
    : undefined;
}

export function refusedBy(proxy: Proxy, status: number): ProxyFailure {
  return { kind: "refused", status, message: `${proxyName(proxy)} refuses the connection with ${status}` };
}

/** A connection to a host through the proxy, with nothing sent on it yet. Rejects with what `proxyFailure` knows. */
export function openTunnel(
  proxy: Proxy,
  { host, port, signal }: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
): Promise<Socket> {
  const send = proxy.url.startsWith("https:") ? httpsRequest : httpRequest;
  const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = send(proxy.url, {
      method: "CONNECT",
      path: target,
      headers: { host: target, ...(proxy.authorization && { "proxy-authorization": proxy.authorization }) },
      agent: false,
      signal,
    });
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`Proxy response (${response.statusCode})`));
    });
    request.once("response", (response) => {
      response.destroy();
      reject(new Error(`Proxy response (${response.statusCode})`));
    });
    request.once("error", reject);
    request.end();
  });
}
