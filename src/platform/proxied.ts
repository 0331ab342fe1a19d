import { Agent, Dispatcher, ProxyAgent } from "undici";
import type { Proxy } from "../core/proxy.ts";

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
