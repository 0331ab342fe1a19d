import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { parseJson } from "../core/json-text.ts";
import type { Access } from "./access.ts";
import { Refusal } from "./refusal.ts";

/** A request that has arrived whole. */
export interface Call {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** As sent; empty if there was none. */
  readonly body: string;
  /** Whose key it came with. Paths below `/_emulator` need none. */
  readonly access: Access | undefined;
  /** The decoded part of the path that the route calls `:name`. */
  readonly param: (name: string) => string;
  readonly response: ServerResponse;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; its numbers may be `JsonText`, and keep their spelling. */
  readonly body: unknown;
}

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Segments, of which those that begin with a colon stand for any: `/v1/webhooks/:id`. */
  readonly path: string;
  /** Throws the refusal that is answered in its place. */
  readonly handle: (call: Call) => Reply;
}

export function reply(body: unknown, status: number = 200): Reply {
  return { status, body };
}

/** Runs `work` once the answer is on its way, so that nobody gets a webhook before the answer to what caused it. */
export function afterAnswer({ response }: Pick<Call, "response">, work: () => void): void {
  // A client that has hung up still caused what it caused.
  if (response.closed) queueMicrotask(work);
  else response.once("close", work);
}

/** The request's JSON, with the spelling of its numbers; an empty body is an empty object. Throws a refusal when it is not JSON. */
export function readJson({ body }: Pick<Call, "body">): unknown {
  if (body.trim() === "") return {};
  try {
    return parseJson(body);
  } catch {
    throw new Refusal("400-001", { message: "The body is not valid JSON." });
  }
}
