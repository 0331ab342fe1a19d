import { type ServerResponse, STATUS_CODES, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { RefusedRequest } from "../core/facts.ts";

/** A response to the sender. */
export interface Reply {
  readonly status: number;
  readonly body?: string;
}

/** Statuses whose responses have no body, not even an empty one (RFC 9110, 8.6). */
const BODILESS = new Set([204, 304]);

/**
 * Sends a response. Whether the system accepted it is usually known at once; the result is a promise if earlier
 * responses on the same connection are still pending.
 */
export function respond(response: ServerResponse, reply: Reply): boolean | Promise<boolean> {
  const { socket } = response.req;
  if (socket.destroyed || response.headersSent) return false;
  const { status, body = "" } = reply;
  if (body !== "") response.setHeader("content-type", "text/plain; charset=utf-8");
  response.writeHead(status, BODILESS.has(status) ? {} : { "content-length": Buffer.byteLength(body) });
  response.end(body);
  if (socket.errored !== null) return false;
  return isFlushed(response, socket) || whetherFinished(response, socket);
}

/** A pipelined request's response has no socket until the responses before it are sent. */
function isFlushed(response: ServerResponse, socket: Socket): boolean {
  return response.socket !== null && socket.writableLength === 0;
}

function whetherFinished(response: ServerResponse, socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = () => resolve(false);
    socket.once("close", closed);
    response.once("finish", () => {
      socket.off("close", closed);
      resolve(true);
    });
  });
}

const LINGER_MS = 2_000;
/** Longer than any configured path; other clients may send anything. */
const MAX_PATH_LENGTH = 200;

/**
 * Answers without reading the body, and discards the body for a moment: a sender that is still writing would
 * otherwise see a reset instead of the response. The response has no details, because any client can request it.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.shouldKeepAlive = false;
  void respond(response, { status });
  const stop = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once("close", () => clearTimeout(stop));
  request.resume();
}

/** The response to bytes that are not a whole HTTP request; the connection is closed after it. */
export function malformedAnswer(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/** The known facts about a refused request. Its query is left out, because it may contain a secret. */
export function refusedRequest({ method, url, headers }: IncomingMessage, status: number): RefusedRequest {
  const length = headers["content-length"];
  return {
    status,
    method: method ?? null,
    path: url?.split("?", 1)[0]?.slice(0, MAX_PATH_LENGTH) ?? null,
    bytes: length === undefined ? null : Number(length),
  };
}
