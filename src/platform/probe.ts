import { request } from "undici";
import type { Proxy } from "../core/proxy.ts";
import { networkFailure } from "./network-failure.ts";
import { createDispatcher, proxyFailure } from "./proxied.ts";

/** What a host said to one HEAD request, or why it said nothing. */
export type ProbeAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "failed"; readonly reason: string };

const TIMEOUT_MS = 4_000;

/** Asks a host for nothing but its headers, so that nothing happens there. Rejects only with the signal's reason. */
export async function probe(url: URL, signal: AbortSignal, proxy?: Proxy): Promise<ProbeAnswer> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const dispatcher = createDispatcher(proxy);
  try {
    const response = await request(url, {
      method: "HEAD",
      headers: { "ngrok-skip-browser-warning": "1", "user-agent": "bluum-hooks doctor" },
      signal: AbortSignal.any([signal, deadline]),
      dispatcher,
    });
    await response.body.dump();
    const headers = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")] as const);
    return { kind: "answered", status: response.statusCode, headers: Object.fromEntries(headers) };
  } catch (error) {
    signal.throwIfAborted();
    return {
      kind: "failed",
      reason: deadline.aborted
        ? `it did not answer in ${TIMEOUT_MS / 1000} s`
        : (proxyFailure(error, proxy)?.message ?? networkFailure(error)[1]),
    };
  } finally {
    await dispatcher.destroy();
  }
}
