import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { RefusedRequest } from "../core/facts.ts";
import { respond } from "./respond.ts";

const LINGER_MS = 2_000;
/** Longer than any path that somebody has configured; strangers send what they like. */
const MAX_PATH_LENGTH = 200;

/**
 * Answers without having read the body, and goes on discarding it for a moment: a sender still writing would otherwise see a
 * reset instead of the answer. The answer is bare: anybody may ask.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.shouldKeepAlive = false;
  void respond(response, { status });
  const stop = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once("close", () => clearTimeout(stop));
  request.resume();
}

/** The answer to bytes that are no whole HTTP request; the connection is closed behind it. */
export function malformedAnswer(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}

/** What is known of a request that is refused. Its query may hold a secret, and is left out. */
export function refusedRequest({ method, url, headers }: IncomingMessage, status: number): RefusedRequest {
  const length = headers["content-length"];
  return {
    status,
    method: method ?? null,
    path: url?.split("?", 1)[0]?.slice(0, MAX_PATH_LENGTH) ?? null,
    bytes: length === undefined ? null : Number(length),
  };
}
