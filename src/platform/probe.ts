import type { Proxy } from "../core/proxy.ts";
import { LinkedAbort } from "./abort.ts";
import { networkFailure } from "./network-failure.ts";
import { HttpClient, readBody } from "./http-client.ts";
import { proxyFailure } from "./proxy-tunnel.ts";

/** A host's response to one request, or why there was none. */
export type ProbeAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** The beginning of the body; absent after HEAD. */
      readonly text?: string;
    }
  | { readonly kind: "failed"; readonly reason: string };

export interface ProbeRequest {
  /** HEAD by default: it requests only headers, so it has no effects on the host. */
  readonly method?: "HEAD" | "GET";
  readonly headers?: Readonly<Record<string, string>>;
  readonly proxy?: Proxy | undefined;
}

export type Probe = (url: URL, signal: AbortSignal, request?: ProbeRequest) => Promise<ProbeAnswer>;

const TIMEOUT_MS = 4_000;
const MAX_TEXT_BYTES = 16 * 1024;

/** Sends one request to a host. Redirects are not followed. Rejects only with the signal's reason. */
export async function probe(
  url: URL,
  signal: AbortSignal,
  { method = "HEAD", headers: more = {}, proxy }: ProbeRequest = {},
): Promise<ProbeAnswer> {
  using deadline = new LinkedAbort(signal, TIMEOUT_MS);
  using client = new HttpClient({ proxy, keepAlive: false });
  try {
    const response = await client.send(url, {
      method,
      headers: { "ngrok-skip-browser-warning": "1", "user-agent": "bluum-hooks", ...more },
      signal: deadline.signal,
    });
    const { body } = await readBody(response, MAX_TEXT_BYTES);
    const headers = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")] as const);
    return {
      kind: "answered",
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(headers),
      ...(method === "HEAD" ? {} : { text: body.toString("utf8") }),
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      kind: "failed",
      reason: deadline.isTimedOut
        ? `it did not answer in ${TIMEOUT_MS / 1000} s`
        : (proxyFailure(error, proxy)?.message ?? networkFailure(error)[1]),
    };
  }
}
