import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { parseJson } from "../core/json-text.ts";
import type { Access } from "./access.ts";
import { Refusal } from "./refusal.ts";

/** A request that was received completely. */
export interface Call {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** As sent; empty if there was none. */
  readonly body: string;
  /** The access of its key. Paths below `/_emulator` need none. */
  readonly access: Access | undefined;
  /** The decoded part of the path that the route names `:name`. */
  readonly param: (name: string) => string;
  readonly response: ServerResponse;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; its numbers may be `JsonText`, which keeps their spelling. */
  readonly body: unknown;
}

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Segments; those that begin with a colon match any text: `/v1/webhooks/:id`. */
  readonly path: string;
  /** Throws the refusal to send instead of a reply. */
  readonly handle: (call: Call) => Reply;
}

export function reply(body: unknown, status: number = 200): Reply {
  return { status, body };
}

/**
 * Runs `work` once the response has been sent, so that no webhook is delivered before the response to the request
 * that caused it.
 */
export function afterAnswer({ response }: Pick<Call, "response">, work: () => void): void {
  // A request has its effect even if the client has closed the connection.
  if (response.closed) queueMicrotask(work);
  else response.once("close", work);
}

/**
 * Parses the request's JSON and keeps the spelling of its numbers; an empty body is an empty object. Throws a refusal
 * if it is not JSON.
 */
export function readJson({ body }: Pick<Call, "body">): unknown {
  if (body.trim() === "") return {};
  try {
    return parseJson(body);
  } catch {
    throw new Refusal("400-001", { message: "The body is not valid JSON." });
  }
}
