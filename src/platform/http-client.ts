import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { isIP } from "node:net";
import type { Proxy } from "../core/proxy.ts";
import { openTunnel } from "./proxy-tunnel.ts";

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export interface HttpClientOptions {
  /** The proxy to use, if any. */
  readonly proxy?: Proxy | undefined;
  /** Certificate authorities to trust in place of Node's own, in PEM. */
  readonly ca?: string[];
  /** Whether connections are used again. */
  readonly keepAlive?: boolean;
}

/** An idle connection is closed before most servers close it, which would break the next request. */
const IDLE_MS = 4_000;

/**
 * Sends requests with Node's own client, and follows no redirect. undici, which posts deliveries, takes several times
 * as long to load: see docs/decisions/0027. Disposing it cancels requests.
 */
export class HttpClient implements Disposable {
  readonly #options: HttpClientOptions;
  readonly #agents = new Map<string, Agent>();

  constructor(options: HttpClientOptions = {}) {
    this.#options = options;
  }

  /** Resolves with the head of the response. Rejects with Node's error, an error for `proxyFailure`, or the signal's reason. */
  async send(url: URL, { method = "GET", headers = {}, body, signal }: HttpRequest): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const { to, ...route } = await this.#route(url, signal);
    const { request } = await transportOf(to);
    return new Promise((resolve, reject) => {
      const options = { ...route, method, signal, headers: { ...headers, ...route.headers } };
      const reasonOf = (error: Error) => (signal.aborted ? (signal.reason as Error) : error);
      const call = request(to, options, (response) => {
        // An error in the middle of the body is an error of the request.
        call.on("error", (error) => response.destroy(reasonOf(error)));
        resolve(response);
      });
      call.on("error", (error) => reject(reasonOf(error)));
      call.end(body);
    });
  }

  /** The server to connect to, and the options that lead to the URL from there. */
  async #route(url: URL, signal: AbortSignal): Promise<Route> {
    const { proxy, ca } = this.#options;
    const trust = ca === undefined ? {} : { ca };
    if (proxy === undefined) return { to: url, agent: await this.#agentOf(url), ...trust };
    if (url.protocol === "http:") {
      const { authorization } = proxy;
      const headers = { host: url.host, ...(authorization && { "proxy-authorization": authorization }) };
      const to = new URL(proxy.url);
      return { to, agent: await this.#agentOf(to), path: url.href, headers };
    }
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = await openTunnel(proxy, { host, port: Number(url.port || 443), signal });
    const { connect } = await import("node:tls");
    const secure = { socket, ...(isIP(host) === 0 ? { servername: host } : {}), ...trust };
    return { to: url, createConnection: () => connect(secure) };
  }

  async #agentOf({ protocol, href }: URL): Promise<Agent> {
    const { keepAlive = true } = this.#options;
    // Not the global one, which may read proxy settings from the environment.
    const create = async () => new (await transportOf(new URL(href))).Agent({ keepAlive, timeout: IDLE_MS });
    const agent = this.#agents.get(protocol) ?? (await create());
    this.#agents.set(protocol, agent);
    return agent;
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }
}

interface Route extends Omit<RequestOptions, "headers"> {
  readonly to: URL;
  readonly headers?: OutgoingHttpHeaders;
}

/** TLS is loaded only if it is used. */
function transportOf({ protocol }: URL): Promise<Pick<typeof import("node:http"), "Agent" | "request">> {
  return protocol === "https:" ? import("node:https") : import("node:http");
}

/** Reads the body of a response. A longer one is cut off, and its connection closed. */
export async function readBody(
  response: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<{ readonly body: Buffer; readonly isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, maxBytes), isWhole: bytes <= maxBytes };
}

/** The first value of a header. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  return [headers[name]].flat()[0];
}
