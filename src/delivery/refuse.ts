import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { RefusedRequest } from "../core/facts.ts";
import { respond } from "./respond.ts";

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
