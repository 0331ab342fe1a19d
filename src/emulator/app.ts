import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { stringify } from "../core/json-text.ts";
import { newId } from "../platform/ids.ts";
import { servedRoutes } from "./api-route.ts";
import { authenticate, refuseWebPages, RateLimit } from "./access.ts";
import { generationOfPath } from "./generation.ts";
import { type Reply, reply, createRouter } from "./http.ts";
import { type LimitState, Refusal } from "./refusal.ts";
import { controlRoutes } from "./routes/control-routes.ts";
import { API_ROUTES } from "./routes/table.ts";
import type { World } from "./world.ts";

const MAX_BODY_BYTES = 256 * 1024;

/** Builds all routes with their common behaviour: a request id, a log entry, and errors in the documented format. */
export function buildApp(world: World, reset: (scope: { readonly webhooks: boolean }) => void): RequestListener {
  const rateLimit = new RateLimit(world.requestsPerSecond, world.clock);
  const route = createRouter([...servedRoutes(API_ROUTES, world), ...controlRoutes(world, reset)]);

  async function answer(request: IncomingMessage, response: ServerResponse, target: Target): Promise<Reply> {
    const { method = "", headers } = request;
    const { path, query } = target;
    refuseWebPages(headers);
    const access = isApi(path) ? authenticate(headers.authorization) : undefined;
    if (access !== undefined) setLimitHeaders(response, rateLimit.admit(access.apiKey));
    const body = await readBody(request);
    const match = route(method, path);
    if (match === undefined) throw new Refusal("404-002", { message: `There is no endpoint ${method} ${path}.` });
    return match.route.handle({ method, path, query, headers, body, access, response, param: match.param });
  }

  function refuse(error: unknown, path: string, response: ServerResponse): Reply {
    const isRefusal = error instanceof Refusal;
    if (!isRefusal) world.log({ type: "fault", message: error instanceof Error ? error.message : String(error) });
    const refusal = isRefusal ? error : new Refusal("500-001");
    if (refusal.limit !== undefined) {
      response.setHeader("Retry-After", "1");
      setLimitHeaders(response, refusal.limit);
    }
    return reply(refusal.toBody(generationOfPath(path, world.served)), refusal.status);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newId("req");
    const target = readTarget(request.url ?? "/");
    const { path } = target;
    let status: number;
    let text: string;
    try {
      const answered = await answer(request, response, target);
      [status, text] = [answered.status, stringify(answered.body)];
    } catch (error) {
      const refused = refuse(error, path, response);
      [status, text] = [refused.status, stringify(refused.body)];
    }
    world.log({ type: "request", method: request.method ?? "", path, status, requestId });
    response.writeHead(status, {
      "X-Request-Id": requestId,
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
    });
    response.end(text);
  }

  return (request, response) => void serve(request, response);
}

function setLimitHeaders(response: ServerResponse, { perSecond, left, resetAt }: LimitState): void {
  response.setHeader("X-RateLimit-Limit", String(perSecond));
  response.setHeader("X-RateLimit-Remaining", String(left));
  response.setHeader("X-RateLimit-Reset", String(Math.ceil(resetAt / 1_000)));
}

interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Reads the target of a request line. A proxy sends an absolute URL, of which only the path is used. */
function readTarget(text: string): Target {
  const [, path = "", query = ""] = /^(?:https?:\/\/[^/?]*)?([^?]*)\??(.*)$/is.exec(text) ?? [];
  return { path, query: new URLSearchParams(query) };
}

function isApi(path: string): boolean {
  return path === "/v1" || path.startsWith("/v1/");
}

/** Reads the whole body. Throws a refusal if it is too large; the rest of it is then read and discarded. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else reject(new Refusal("400-008", { message: `The body must not exceed ${MAX_BODY_BYTES} bytes.` }));
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
    request.on("error", reject);
  });
}
