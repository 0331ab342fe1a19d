import { decodedText } from "../core/urls.ts";
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

/** Runs `work` after the response was sent, so that no webhook is delivered before the response that caused it. */
export function afterAnswer({ response }: Pick<Call, "response">, work: () => void): void {
  // A request has its effect even if the client has closed the connection.
  if (response.closed) queueMicrotask(work);
  else response.once("close", work);
}

/** Parses the request's JSON and keeps the spelling of its numbers; an empty body is `{}`. Throws a refusal. */
export function readJson({ body }: Pick<Call, "body">): unknown {
  if (body.trim() === "") return {};
  try {
    return parseJson(body);
  } catch {
    throw new Refusal("400-001", { message: "The body is not valid JSON." });
  }
}

/** A route that matches a request, and the parts of its path. */
interface Match {
  readonly route: Route;
  /** The decoded part that the route names `:name`. */
  readonly param: (name: string) => string;
}

/** Finds routes by method and path; the first match counts. HEAD is served like GET, and Node sends no body. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const known = routes.map((route) => ({ route, pattern: route.path.split("/") }));
  return (method, path) => {
    const wanted = method === "HEAD" ? "GET" : method;
    const parts = path.split("/");
    const found = known.find(({ route, pattern }) => route.method === wanted && fits(pattern, parts));
    if (found === undefined) return undefined;
    return { route: found.route, param: (name) => decodedText(parts[found.pattern.indexOf(`:${name}`)] ?? "") };
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((each, at) => (each.startsWith(":") ? parts[at] !== "" : parts[at] === each));
}
