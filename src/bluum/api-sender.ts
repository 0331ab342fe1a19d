import pThrottle from "p-throttle";
import { AppError } from "../core/errors.ts";
import type { Proxy } from "../core/proxy.ts";
import { LinkedAbort, orAborted } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import { HttpClient } from "../platform/http-client.ts";
import { refusedBy } from "../platform/proxy-tunnel.ts";
import { requestIdOf } from "./answers.ts";
import { resolveUrl } from "./api-request.ts";
import { type Call, nameOf } from "./call.ts";
import { type Answer, exchange } from "./api-exchange.ts";
import { networkError, refusalOfProxy } from "./network-failures.ts";
import { basicToken, type Redact } from "./redact-exchange.ts";
import type { Credentials } from "../core/secrets.ts";

/** One request that was sent, for `--debug`. Contains no headers and no body. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  /** Null if there was no response. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly requestId: string | null;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface SenderOptions {
  readonly baseUrl: string;
  readonly credentials: Credentials;
  /** The proxy to use, if any. */
  readonly proxy?: Proxy | undefined;
  /** Enforced by the client, for all its calls together. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  /** For each attempt; the default is 10 s. */
  readonly timeoutMs?: number | undefined;
  readonly userAgent: string;
  readonly onCall?: ((call: ApiCall) => void) | undefined;
}

/** Sends one attempt of a call when the rate limit allows it. */
export interface Sender {
  /** Rejects with `api_timeout`, `api_unreachable`, or, while it waits for the rate limit, with the signal's reason. */
  send(call: Call, attempt: number, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

/** Throws `invalid_url` for an invalid base URL, and the reason of a lifetime signal that has aborted. */
export function createSender(options: SenderOptions, redact: Redact, lifetime: AbortSignal): Sender {
  const { clock, credentials, proxy, timeoutMs = 10_000 } = options;
  const { origin } = new URL(resolveUrl(options.baseUrl, ""));
  const client = new HttpClient({ proxy });
  const takeTurn = pThrottle({
    limit: options.requestsPerSecond,
    interval: 1000,
    strict: true, // a fixed window would allow twice the limit at its edge
    signal: lifetime,
  })(async () => undefined);

  return {
    async send(call, attempt, signal) {
      await orAborted(takeTurn(), signal);
      using deadline = new LinkedAbort(signal, timeoutMs);
      const startedAt = clock.now();
      const report = (status: number | null, requestId: string | undefined) => {
        const { method, path } = call;
        const durationMs = clock.now() - startedAt;
        options.onCall?.({ method, path, status, durationMs, requestId: requestId ?? null, attempt });
      };
      try {
        const answer = await exchange({
          url: resolveUrl(options.baseUrl, call.path),
          method: call.method,
          headers: headersOf(call, credentials, options.userAgent),
          body: call.body === undefined ? undefined : JSON.stringify(call.body),
          signal: deadline.signal,
          client,
        });
        report(answer.status, requestIdOf(answer, redact));
        // For plain http the proxy itself answers with this status; no API uses it.
        if (proxy !== undefined && answer.status === 407) {
          throw refusalOfProxy(refusedBy(proxy, 407), proxy, origin, nameOf(call));
        }
        return answer;
      } catch (thrown) {
        if (thrown instanceof AppError) throw thrown;
        report(null, undefined);
        if (!deadline.signal.aborted) throw networkError(thrown, { origin, call: nameOf(call), proxy, redact });
        throw new AppError("api_timeout", `the API did not answer ${nameOf(call)} in ${clock.now() - startedAt} ms`, {
          hint: "Check your network connection, or try again later.",
        });
      }
    },
    close: () => client[Symbol.dispose](),
  };
}

function headersOf(call: Call, credentials: Credentials, userAgent: string): Record<string, string> {
  return {
    authorization: `Basic ${basicToken(credentials)}`,
    accept: "application/json",
    "user-agent": userAgent,
    ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
  };
}
