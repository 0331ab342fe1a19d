import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer, RawRequest } from "../core/delivery.ts";
import type { Clock } from "../platform/clock.ts";
import { listenOnLoopback } from "../platform/loopback.ts";
import { readBody } from "./body.ts";
import { pairHeaders } from "./headers.ts";
import { respond, type Reply } from "./respond.ts";

/** Answers a request, once. What became of the answer is a promise only where the connection is congested. */
export type AnswerWith = (reply: Reply) => Answer | Promise<Answer>;

export interface ReceiverOptions {
  readonly port: number;
  readonly orNext: boolean;
  /** The one path that takes deliveries; a query behind it is allowed. */
  readonly path: string;
  readonly maxBodyBytes: number;
  /** How long a sender may take for its headers, and for the whole request. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly clock: Pick<Clock, "now">;
  /** Answers the request. A rejection becomes 500: the receiver itself never goes down with a request. */
  readonly handle: (request: RawRequest, answer: AnswerWith) => Promise<unknown>;
  /** Called at the end, when senders still wait after a moment: what is handled is to be given up, so that they are told. */
  readonly giveUp?: () => void;
}

export interface Receiver extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly origin: string;
  /** Answers one GET with this nonce, so that a public URL can be proven to lead here. */
  expectNonce(nonce: string): { readonly path: string; forget(): void };
}

const NONCE_PATH = "/.well-known/bluum-hooks/";
const MAX_CONNECTIONS = 1024;
/** Room for far more headers than any sender needs; Node's own count limit would drop some silently. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Starts the listener that turns what comes through a socket into a `RawRequest`, byte for byte. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const nonces = new Set<string>();
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      connectionsCheckingInterval: 500,
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      receive(request, response, options, nonces).catch(() => void respond(response, { status: 500 }));
    },
  );
  server.on("connection", (socket: Socket) => {
    socket.once("close", () => closedAt.set(socket, options.clock.now()));
  });
  server.maxHeadersCount = 0;
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", refuseMalformed);
  // A connection that could not be accepted is the sender's to repeat.
  server.on("error", () => {});
  const port = await listenOnLoopback(server, { port: options.port, orNext: options.orNext, flag: "--port" });
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    expectNonce(nonce) {
      nonces.add(nonce);
      return { path: `${NONCE_PATH}${nonce}`, forget: () => nonces.delete(nonce) };
    },
    [Symbol.asyncDispose]: () => drain(server, options.giveUp),
  };
}

/** When a connection was closed, in Unix milliseconds. */
const closedAt = new WeakMap<Socket, number>();

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
  nonces: ReadonlySet<string>,
): Promise<void> {
  const target = request.url ?? "/";
  const path = target.split("?", 1)[0] ?? "/";
  if (path.startsWith(NONCE_PATH)) {
    const nonce = path.slice(NONCE_PATH.length);
    return void respond(response, nonces.has(nonce) ? { status: 200, body: nonce } : { status: 404 });
  }
  if (path !== options.path) return refuse(request, response, 404, `Deliveries go to ${options.path}\n`);
  if (request.method !== "POST") {
    response.setHeader("allow", "POST");
    return refuse(request, response, 405, "This is a webhook endpoint: it takes POST.\n");
  }
  const body = await readBody(request, options.maxBodyBytes);
  switch (body.kind) {
    case "aborted":
      return;
    case "too-large":
      return refuse(request, response, 413, `The body is larger than ${options.maxBodyBytes} bytes\n`);
    case "complete": {
      const receivedAt = options.clock.now();
      const since = (at: number) => Math.max(0, at - receivedAt);
      const ended = (isSent: boolean, status: number): Answer =>
        isSent
          ? { status, durationMs: since(options.clock.now()) }
          : { hungUpAfterMs: since(closedAt.get(request.socket) ?? options.clock.now()) };
      await options.handle(
        {
          method: request.method,
          path: target,
          headers: pairHeaders(request.rawHeaders),
          body: body.bytes,
          receivedAt,
        },
        (reply) => {
          const isSent = respond(response, reply);
          return typeof isSent === "boolean"
            ? ended(isSent, reply.status)
            : isSent.then((sent) => ended(sent, reply.status));
        },
      );
      return;
    }
    default:
      return body satisfies never;
  }
}

const LINGER_MS = 2_000;

/** Answers without having read the body, and goes on discarding it for a moment: a sender still writing would otherwise see a reset instead of the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  response.shouldKeepAlive = false;
  void respond(response, { status, body });
  const stop = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once("close", () => clearTimeout(stop));
  request.resume();
}

/** Bytes that are no HTTP request, or one that came too slowly. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

const DRAIN_MS = 1_000;
const GIVING_UP_MS = 500;

/** Lets answers that are under way go out before the connections are cut, in the end those that say that nobody answers. */
async function drain(server: Server, giveUp: () => void = () => {}): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const isOver = async (waitMs: number) =>
    Promise.race([closed.then(() => true), delay(waitMs, false, { ref: false })]);
  if (!(await isOver(DRAIN_MS))) {
    giveUp();
    await isOver(GIVING_UP_MS);
  }
  server.closeAllConnections();
  await closed;
}
