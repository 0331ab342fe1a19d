import type { Socket } from "node:net";
import { proxyName, type Proxy } from "../core/proxy.ts";
import { networkFailure } from "./network-failure.ts";

/** A proxy that refused to forward the request, or that could not be reached. */
export interface ProxyFailure {
  readonly kind: "refused" | "unreachable";
  /** The status of the proxy's response. */
  readonly status: number | undefined;
  readonly message: string;
}

/** The proxy's failure behind a failed request; undefined if the proxy was not the cause. */
export function proxyFailure(error: unknown, proxy: Proxy | undefined): ProxyFailure | undefined {
  if (proxy === undefined || !(error instanceof Error)) return undefined;
  // undici marks it in no other way, and its code is that of an abort.
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

/** Opens a connection through the proxy, on which nothing has been sent. Rejects with errors for `proxyFailure`. */
export async function openTunnel(
  proxy: Proxy,
  { host, port, signal }: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
): Promise<Socket> {
  const { request: send } = proxy.url.startsWith("https:") ? await import("node:https") : await import("node:http");
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
