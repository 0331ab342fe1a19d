import type { Delivery, HeaderPair } from "../core/delivery.ts";
import type { ExchangeFailure, ExchangeOutcome, ForwardAttempt, ForwardCause } from "../core/exchange.ts";
import { KeyedQueue } from "../platform/keyed-queue.ts";
import type { Poster } from "../platform/post.ts";

/** The fields of a delivery that forwarding needs. */
export type Forwardable = Pick<Delivery, "id" | "event" | "resourceId" | "path" | "headers" | "body">;

/** What a request needs. */
type Sendable = Pick<Forwardable, "id" | "path" | "headers" | "body">;

/** What an attempt that is not sent needs to know of its delivery. */
export type Named = Pick<Forwardable, "id" | "path"> & Partial<Pick<Forwardable, "body">>;

/** Reads a delivery from the store; undefined if that is not possible, or not wanted any more. Never rejects. */
export type Reread = () => Promise<Forwardable | undefined>;

export interface ForwarderOptions {
  /** The app's URL. A delivery's query is kept, unless this URL has one. */
  readonly url: string;
  /** For each attempt, from the start of the request to the last byte of the response. Infinity means no limit. */
  readonly timeoutMs: number;
  /** Headers to add; they replace headers of the same name. `Host` replaces the URL's host. */
  readonly headers: readonly HeaderPair[];
  /** Skip TLS certificate verification. */
  readonly insecure: boolean;
  /** Called after each attempt. */
  readonly onAttempt: (attempt: ForwardAttempt) => void;
}

/**
 * Forwards deliveries to the user's app: the same bytes and headers, except headers of the connection; in order of
 * receipt for one resource, and in parallel for different resources. Never rejects; every result is an outcome.
 */
export interface Forwarder extends AsyncDisposable {
  readonly url: string;
  /** Loads the HTTP client, which takes time, before the first delivery needs it. */
  warmUp(): void;
  /** With `reread`, a delivery may be dropped from memory while it waits, and read again when its turn comes. */
  forward(delivery: Forwardable, cause: ForwardCause, reread?: Reread): Promise<ForwardAttempt>;
  /** Records an attempt that is not sent, because the app is known to be unreachable. */
  refuse(delivery: Named, cause: ForwardCause): ForwardAttempt;
  /** Like `forward`, for a delivery that is read from the store when its turn comes. */
  forwardLater(resourceId: string | null, reread: Reread, cause: ForwardCause): Promise<ForwardAttempt | undefined>;
  /** Resolves when no request waits or runs. */
  idle(): Promise<void>;
}

/** Maximum concurrent requests. An app on a developer's machine does not benefit from more. */
const CONCURRENCY = 64;
/** Maximum queued deliveries, and bodies of them in memory, so that an app that hangs does not fill the memory. */
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const OVERFLOW = { reason: "overflow", message: "too many deliveries are waiting for the app" } as const;
const UNREADABLE = { reason: "overflow", message: "it had to wait, and could not be read again" } as const;
const STOPPED = { reason: "stopped", message: "canceled" } as const;

export function createForwarder(options: ForwarderOptions): Forwarder {
  let poster: Promise<Poster> | undefined;
  /** Once it is loaded, nothing is awaited before a request: the app would get each delivery 0.3 ms later. */
  let ready: Poster | undefined;
  const openPoster = async () => {
    const { createPoster } = await import("../platform/post.ts");
    return (ready = createPoster({ connections: CONCURRENCY, insecure: options.insecure }));
  };
  const queue = new KeyedQueue(CONCURRENCY);
  const host = options.headers.findLast(([name]) => name.toLowerCase() === "host")?.[1];
  let [waiting, waitingBytes] = [0, 0];
  let isStopped = false;

  async function attempt(delivery: Sendable, cause: ForwardCause): Promise<ForwardAttempt> {
    const url = targetOf(options.url, delivery.path);
    const client = ready ?? (await (poster ??= openPoster()));
    const outcome = await client.post({
      url,
      headers: withHeaders(delivery.headers, options.headers),
      host,
      body: delivery.body,
      timeoutMs: options.timeoutMs,
    });
    return report(delivery, cause, url, outcome);
  }

  async function attemptLater(delivery: Named, cause: ForwardCause, reread: Reread | undefined) {
    const whole = isStopped ? undefined : await reread?.();
    return whole === undefined ? unsent(delivery, cause, isStopped ? STOPPED : UNREADABLE) : attempt(whole, cause);
  }

  function report({ id, body }: Named, cause: ForwardCause, url: string, outcome: ExchangeOutcome): ForwardAttempt {
    const sent = cause === "edited" && body !== undefined ? { sent: body } : {};
    const made = { deliveryId: id, cause, url, outcome, ...sent };
    options.onAttempt(made);
    return made;
  }

  /** An attempt for which no request was sent. */
  function unsent(
    delivery: Named,
    cause: ForwardCause,
    failure: { readonly reason: ExchangeFailure; readonly message: string },
  ): ForwardAttempt {
    const outcome = { kind: "failed" as const, ...failure, startedAt: Date.now(), durationMs: 0 };
    return report(delivery, cause, targetOf(options.url, delivery.path), outcome);
  }

  return {
    url: options.url,
    warmUp: () => void (poster ??= openPoster()),
    forward(delivery, cause, reread) {
      if (waiting >= MAX_WAITING) return Promise.resolve(unsent(delivery, cause, OVERFLOW));
      const { id, path, resourceId, headers, body } = delivery;
      const { length } = body;
      // The job references only what it needs: not the payload, and nothing of a delivery that is dropped.
      let whole: Sendable | undefined = { id, path, headers, body };
      let hasStarted = false;
      let heldBytes = 0;
      waiting += 1;
      const made = queue.run(resourceId, () => {
        hasStarted = true;
        waiting -= 1;
        waitingBytes -= heldBytes;
        return whole === undefined ? attemptLater({ id, path }, cause, reread) : attempt(whole, cause);
      });
      if (hasStarted) return made;
      if (reread !== undefined && waitingBytes + length > MAX_WAITING_BYTES) whole = undefined;
      else waitingBytes += heldBytes = length;
      return made;
    },
    refuse: (delivery, cause) =>
      unsent(delivery, cause, { reason: "refused", message: "the app is not reachable yet" }),
    forwardLater: (resourceId, reread, cause) =>
      queue.run(resourceId, async () => {
        const delivery = isStopped ? undefined : await reread();
        return delivery === undefined ? undefined : attempt(delivery, cause);
      }),
    idle: () => queue.idle(),
    async [Symbol.asyncDispose]() {
      isStopped = true;
      await (await poster)?.[Symbol.asyncDispose]();
      await this.idle();
    },
  };
}

function targetOf(forwardUrl: string, path: string): string {
  const query = path.indexOf("?");
  if (query === -1) return forwardUrl;
  const url = new URL(forwardUrl);
  if (url.search === "") url.search = path.slice(query);
  return url.href;
}

function withHeaders(headers: readonly HeaderPair[], added: readonly HeaderPair[]): readonly HeaderPair[] {
  if (added.length === 0) return headers;
  const names = new Set(added.map(([name]) => name.toLowerCase()));
  return [...headers.filter(([name]) => !names.has(name.toLowerCase())), ...added];
}
