import type { Dispatcher } from "undici";
import type { HeaderPair } from "../core/delivery.ts";
import { KEPT_ANSWER_BYTES, type ExchangeFailure, type ExchangeOutcome, CONNECTION_HEADERS } from "../core/exchange.ts";
import type { Proxy } from "../core/proxy.ts";
import { onAbort } from "./abort.ts";
import { trusting } from "./inspect-certificate.ts";
import { networkFailure, type NetworkFailure } from "./network-failure.ts";
import { createDispatcher } from "./proxied.ts";
import { proxyFailure } from "./proxy-tunnel.ts";

export interface PostRequest {
  /** http or https. */
  readonly url: string;
  /** Sent in this order and case, without headers of a connection; the client sets `Host` and `Content-Length`. */
  readonly headers: readonly HeaderPair[];
  /** The `Host` header, if it differs from the URL's host. */
  readonly host?: string | undefined;
  readonly body: Uint8Array;
  /** For the whole exchange, until the last byte of the response. Infinity means no limit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface PosterOptions {
  /** Maximum connections to one origin; further requests wait. */
  readonly connections?: number;
  /** Skip TLS certificate verification. */
  readonly insecure?: boolean;
  /** Additional certificate authorities, in PEM. */
  readonly ca?: string | undefined;
  /** The proxy to use, if any. */
  readonly proxy?: Proxy | undefined;
}

/** POSTs bytes to endpoints and returns each outcome. Never rejects, never redirects. Disposing it cancels requests. */
export interface Poster extends AsyncDisposable {
  post(request: PostRequest): Promise<ExchangeOutcome>;
}

/** A longer response is cut off: only its beginning is used. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 64 * 1024;

export function createPoster(options: PosterOptions = {}): Poster {
  const { proxy } = options;
  const agent = createDispatcher(proxy, {
    connections: options.connections ?? 128,
    pipelining: 1,
    // For servers that do not announce how long they keep a connection; see `KeepAliveMode`.
    keepAliveTimeout: 1,
    // The caller sets the only deadline: undici's own timeouts would end a request while the app is paused in a
    // debugger.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      rejectUnauthorized: options.insecure !== true,
      ...trusting(options.ca),
    },
  });
  const keepAliveModes = new Map<string, KeepAliveMode>();
  const explain = (error: unknown): NetworkFailure => {
    const failure = proxyFailure(error, proxy);
    return failure === undefined ? networkFailure(error) : ["unreachable", failure.message];
  };
  return {
    post: (request) => exchange({ agent, keepAliveModes, explain }, request),
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/**
 * How an origin's server treats idle connections. Only a server that promises to keep them (`Keep-Alive: timeout=5`)
 * gets a second request on the same connection: any other may close it at that moment, and the delivery would be lost
 * although neither side made an error. The first request finds this out; until its response arrives, other requests
 * do not reuse connections.
 */
type KeepAliveMode = "asking" | "keeps" | "closes";

/** The parsed form of the last URL: most requests have the same one. */
let lastUrl = { text: "", origin: "", path: "" };

/** Throws for text that is not a URL. */
function readUrl(text: string): { readonly origin: string; readonly path: string } {
  if (lastUrl.text !== text) {
    const { origin, pathname, search } = new URL(text);
    lastUrl = { text, origin, path: pathname + search };
  }
  return lastUrl;
}

interface Connections {
  readonly agent: Dispatcher;
  readonly keepAliveModes: Map<string, KeepAliveMode>;
  readonly explain: (error: unknown) => NetworkFailure;
}

function exchange({ agent, keepAliveModes, explain }: Connections, request: PostRequest): Promise<ExchangeOutcome> {
  const startedAt = Date.now();
  const clock = performance.now();
  const durationMs = () => performance.now() - clock;
  return new Promise((resolve) => {
    const failed = (reason: ExchangeFailure, message: string) =>
      settle({ kind: "failed", reason, message, startedAt, durationMs: durationMs() });
    let abort = (_reason: Error): void => {};
    let isSettled = false;
    let timer: NodeJS.Timeout | undefined;
    let listener: Disposable | undefined;
    const giveUp = (reason: ExchangeFailure, message: string) => {
      failed(reason, message);
      abort(new Error(message));
    };
    const stop = () => giveUp("stopped", "canceled");
    function settle(outcome: ExchangeOutcome): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      listener?.[Symbol.dispose]();
      resolve(outcome);
    }
    if (request.signal?.aborted === true) return stop();
    listener = request.signal && onAbort(request.signal, stop);
    if (request.timeoutMs <= MAX_TIMER_MS) {
      timer = setTimeout(
        () => giveUp("timeout", `no complete response within ${request.timeoutMs / 1000} s`),
        request.timeoutMs,
      );
    }

    let status = 0;
    let headers: HeaderPair[] = [];
    let bodyBytes = 0;
    const kept: Uint8Array[] = [];
    const answered = () => {
      const body = Buffer.concat(kept).subarray(0, KEPT_ANSWER_BYTES);
      settle({ kind: "answered", status, headers, body, bodyBytes, startedAt, durationMs: durationMs() });
    };
    let origin = "";
    let isAsking = false;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        if (isSettled) abort(new Error("canceled"));
      },
      onResponseStart(controller, statusCode) {
        status = statusCode;
        headers = pairs(controller.rawHeaders);
      },
      onResponseData(controller, chunk) {
        if (bodyBytes < KEPT_ANSWER_BYTES) kept.push(Buffer.from(chunk));
        bodyBytes += chunk.length;
        if (bodyBytes <= MAX_ANSWER_BYTES) return;
        answered();
        controller.abort(new Error("the response is too long"));
      },
      onResponseEnd() {
        if (isAsking) keepAliveModes.set(origin, promisesToKeep(headers) ? "keeps" : "closes");
        answered();
      },
      onResponseError(_controller, error) {
        if (isAsking && keepAliveModes.get(origin) === "asking") keepAliveModes.delete(origin);
        failed(...explain(error));
      },
    };
    try {
      const url = readUrl(request.url);
      ({ origin } = url);
      isAsking = !keepAliveModes.has(origin);
      if (isAsking) keepAliveModes.set(origin, "asking");
      agent.dispatch(
        {
          origin,
          path: url.path,
          method: "POST",
          headers: flatHeaders(request.host, messageHeaders(request.headers)),
          body: request.body,
          reset: !isAsking && keepAliveModes.get(origin) !== "keeps",
        },
        handler,
      );
    } catch (error) {
      failed(...explain(error));
    }
  });
}

/** The maximum delay of Node's timers. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function promisesToKeep(headers: readonly HeaderPair[]): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === "keep-alive" && /timeout=\d/.test(value));
}

/** The headers of the message: without hop-by-hop headers, and without those that `Connection` lists. */
export function messageHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  const kept: HeaderPair[] = [];
  const named = new Set<string>();
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (!CONNECTION_HEADERS.has(name)) kept.push(header);
    else if (name === "connection") for (const each of header[1].split(",")) named.add(each.trim().toLowerCase());
  }
  return named.size === 0 ? kept : kept.filter(([name]) => !named.has(name.toLowerCase()));
}

/** Alternating names and values, as the client expects them. */
function flatHeaders(host: string | undefined, headers: readonly HeaderPair[]): string[] {
  const flat = host === undefined ? [] : ["Host", host];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

/** The headers of a response from the client. */
function pairs(raw: unknown): HeaderPair[] {
  if (!Array.isArray(raw)) return [];
  const text = (part: unknown) => (Buffer.isBuffer(part) ? part.toString("latin1") : String(part));
  const found: HeaderPair[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) found.push([text(raw[at]), text(raw[at + 1])]);
  return found;
}
