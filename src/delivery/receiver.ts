import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer, RawRequest, HeaderPair } from "../core/delivery.ts";
import type { RefusedRequest } from "../core/facts.ts";
import type { SelfTestHost } from "../core/self-test.ts";
import type { Clock } from "../platform/clock.ts";
import { listenOnLoopback, LOOPBACK } from "../platform/loopback.ts";
import { Body } from "./body.ts";
import { Connections, UNFINISHED_LIMITS, type Connection, type UnfinishedLimits } from "./connections.ts";
import { Probes, type ArrivingProbe } from "./self-test-probes.ts";
import { respond, type Reply, malformedAnswer, refuse, refusedRequest } from "./respond.ts";
import { ANSWER_TIMEOUT_MS } from "../core/delivery-policy.ts";

/** Answers a request, once. The result is a promise only if the connection is congested. */
export type AnswerWith = (reply: Reply) => Answer | Promise<Answer>;

interface ReceiverOptions {
  /** The address to bind to; absent: loopback. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly orNext: boolean;
  /** The path of deliveries; a query is allowed. */
  readonly path: string;
  readonly maxBodyBytes: number;
  /** Time limit for the headers, and for the whole request. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly limits?: Partial<UnfinishedLimits>;
  readonly clock: Pick<Clock, "now">;
  /** Answers the request. A rejection results in status 500, and the receiver continues. */
  readonly handle: (request: RawRequest, answer: AnswerWith) => Promise<unknown>;
  /** Called for each request that is not a delivery. Its response does not reveal what the listener expects. */
  readonly onRefused?: (request: RefusedRequest) => void;
  /** Answers a request from another process that is not a delivery; undefined: the standard response is sent. */
  readonly answerPrivately?: (headers: IncomingHttpHeaders) => string | undefined;
  /** Called during shutdown if senders still wait: pending work must be canceled so that they get a response. */
  readonly giveUp?: () => void;
}

export interface Receiver extends SelfTestHost, AsyncDisposable {
  readonly port: number;
  /** How this machine reaches it: `http://127.0.0.1:PORT`, without a path. */
  readonly origin: string;
}

/** Enough for the headers of any sender; Node's own limit on their number would drop some without an error. */
const MAX_HEADER_BYTES = 64 * 1024;
const SWEEP_MS = 500;

/** Starts the listener that converts each HTTP request to a `RawRequest`, byte for byte. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const probes = new Probes();
  const onRefused = options.onRefused ?? (() => {});
  const { clock, maxBodyBytes } = options;
  const limits = {
    ...UNFINISHED_LIMITS,
    // A large limit for one body leaves room for several.
    maxBytes: Math.max(UNFINISHED_LIMITS.maxBytes, 4 * maxBodyBytes),
    ...options.limits,
  };
  const connections = new Connections(limits, clock.now, ({ socket, pending }) => {
    onRefused({ status: 408, method: null, path: null, bytes: null });
    // While a response is pending, the sender would mistake this for it.
    if (pending === 0) socket.write(malformedAnswer(408));
    socket.destroy();
  });
  const receiving: Receiving = { ...options, onRefused, probes, connections };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? ANSWER_TIMEOUT_MS,
      connectionsCheckingInterval: SWEEP_MS,
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      receive(request, response, receiving).catch(() => void respond(response, { status: 500 }));
    },
  );
  server.maxHeadersCount = 0;
  server.on("connection", (socket: Socket) => connections.add(socket));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const status = MALFORMED[error.code ?? ""] ?? 400;
    onRefused({ status, method: null, path: null, bytes: null });
    socket.end(malformedAnswer(status), () => socket.destroy());
  });
  // The sender must repeat a connection that could not be accepted.
  server.on("error", () => {});
  const { host, orNext } = options;
  const port = await listenOnLoopback(server, { host, port: options.port, orNext, flag: "--port" });
  const sweeping = setInterval(() => connections.sweep(), SWEEP_MS).unref();
  return {
    port,
    origin: `http://${ownHost(host)}:${port}`,
    expectProbe: (bytes) => probes.expectProbe(bytes),
    async [Symbol.asyncDispose]() {
      await drain(server, options.giveUp);
      clearInterval(sweeping);
    },
  };
}

/** The host by which this machine reaches a server that is bound to an address: loopback, if it is bound to every one. */
function ownHost(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}

/** Bytes that are not an HTTP request, by Node's error code. All others: 400. */
const MALFORMED: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

interface Receiving extends Pick<ReceiverOptions, "path" | "maxBodyBytes" | "clock" | "handle" | "answerPrivately"> {
  readonly onRefused: (request: RefusedRequest) => void;
  readonly probes: Probes;
  readonly connections: Connections;
}

interface Answering extends Pick<Receiving, "clock" | "handle" | "connections" | "probes"> {
  readonly connection: Connection;
  readonly probe: ArrivingProbe | undefined;
}

async function receive(request: IncomingMessage, response: ServerResponse, receiving: Receiving): Promise<unknown> {
  const { connections, probes } = receiving;
  const connection = connections.of(request.socket);
  const target = request.url ?? "/";
  const path = target.split("?", 1)[0] ?? "/";
  const probe = probes.find(request.headers);
  const refuseWith = (status: number) => {
    if (probe === undefined) receiving.onRefused(refusedRequest(request, status));
    refuse(request, response, status);
  };
  if (path !== receiving.path) {
    probe?.refused({ problem: "path", path });
    return refuseWith(404);
  }
  if (request.method !== "POST") {
    const text = receiving.answerPrivately?.(request.headers);
    if (text !== undefined) {
      connections.arrived(connection);
      void respond(response, { status: 200, body: text });
      return connections.answered(connection);
    }
    probe?.refused({ problem: "method", method: request.method ?? "" });
    response.setHeader("allow", "POST");
    return refuseWith(405);
  }
  connections.began(connection);
  const body = new Body(request);
  connection.drop = () => body.drop();
  const maxBodyBytes = Math.max(receiving.maxBodyBytes, probe?.bytes ?? 0);
  const outcome = await body.read(maxBodyBytes, (bytes, memory) => connections.grew(connection, bytes, memory));
  switch (outcome) {
    case "aborted":
      return undefined;
    case "too-large":
      connections.gaveUp(connection);
      return refuseWith(413);
    case "complete":
      connections.arrived(connection);
      connection.drop = () => {};
      // Not awaited: the suspended function would keep the body in memory until the response.
      return answer(request, response, body.take(), { ...receiving, connection, probe });
    default:
      return outcome satisfies never;
  }
}

/** Not async, for the same reason. */
function answer(
  { method = "", url = "", rawHeaders }: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  { clock, handle, connections, connection, probes, probe }: Answering,
): Promise<unknown> {
  const proving = probe ?? probes.findByBody(body);
  if (proving !== undefined) {
    void respond(response, proving.reply(body));
    connections.answered(connection);
    return Promise.resolve();
  }
  const receivedAt = clock.now();
  const since = (at: number) => Math.max(0, at - receivedAt);
  const ended = (isSent: boolean, status: number): Answer =>
    isSent ? { status, durationMs: since(clock.now()) } : { hungUpAfterMs: since(connection.closedAt ?? clock.now()) };
  const answering = handle({ method, path: url, headers: pairHeaders(rawHeaders), body, receivedAt }, (reply) => {
    const isSent = respond(response, reply);
    return typeof isSent === "boolean" ? ended(isSent, reply.status) : isSent.then((sent) => ended(sent, reply.status));
  });
  return answering.finally(() => connections.answered(connection));
}

const DRAIN_MS = 1_000;
const GIVING_UP_MS = 500;

/** Waits for pending responses before it closes the connections; remaining senders then get an error response. */
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

/** Node's flat `rawHeaders` as pairs: in the order sent, with the original case and repetitions. */
function pairHeaders(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  }
  return pairs;
}
