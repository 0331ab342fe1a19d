import { Agent, Dispatcher, ProxyAgent } from "undici";
import type { Proxy } from "../core/proxy.ts";

/** Creates a dispatcher with these options that connects directly or through the proxy. */
export function createDispatcher(proxy: Proxy | undefined, options: Agent.Options = {}): Dispatcher {
  return proxy === undefined ? new Agent(options) : new ProxiedDispatcher(proxy, options);
}

/** Reaches https URLs through a CONNECT tunnel, and http URLs by sending the absolute URL to the proxy. */
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

/** Alternating names and values. */
function flat(headers: Dispatcher.DispatchOptions["headers"]): string[] {
  if (Array.isArray(headers)) return headers.map(String);
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((each) => [name, String(each)]),
  );
}
