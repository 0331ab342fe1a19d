import type { IncomingMessage, ServerResponse } from "node:http";
import type { InspectorApi } from "./api.ts";
import { Answers, Refused, SECURITY_HEADERS } from "./answers.ts";
import { Assets } from "./assets.ts";
import { checkSource, checkTarget, checkWrite } from "./guard.ts";
import { readObject, textIn } from "./request-body.ts";
import { ROUTES, type Call } from "./routes.ts";
import { Sessions } from "./sessions.ts";
import { Streams } from "./stream.ts";

export interface InspectorAppOptions {
  readonly port: number;
  /** The token of this run; it grants full access. */
  readonly token: string;
  /** Each can be exchanged for a session once, and is then removed. */
  readonly tickets: Set<string>;
  /** For the inspector's stored data. */
  readonly folder: string;
  /** The folder of the built page. */
  readonly assetsFolder: string;
  readonly api: InspectorApi;
  /** Masks secrets. */
  readonly mask: (text: string) => string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Answers the requests of the inspector's server. */
export interface InspectorApp {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends requests that would otherwise not end. */
  close(): void;
}

const API = "/_inspector/";
/** The shared session of scripts that use a token. */
const NO_SESSION = "token";

export function createInspectorApp(options: InspectorAppOptions): InspectorApp {
  const { api, port } = options;
  const answers = new Answers(options.mask);
  const sessions = new Sessions(options);
  const assets = new Assets(options.assetsFolder);
  const streams = new Streams(api, answers);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkTarget(request, port);
    const [path, query] = splitTarget(request.url ?? "");
    const { method = "" } = request;
    if (!path.startsWith(API)) return assets.serve(response, method, path);
    const hasToken = sessions.hasToken(request);
    checkSource(request, hasToken);
    if (method === "POST") checkWrite(request, hasToken);
    else if (method !== "GET") throw new Refused(405, "only GET and POST are served");
    if (method === "POST" && path === `${API}session`) {
      const cookie = sessions.open(textIn(await readObject(request), "token") ?? "");
      response.writeHead(204, { "set-cookie": cookie, "cache-control": "no-store" });
      return void response.end();
    }
    const session = hasToken ? NO_SESSION : sessions.require(request);
    const parts = path.slice(API.length).split("/").map(decoded);
    const found = ROUTES.find((route) => route.method === method && fits(route.path, parts));
    if (found === undefined) throw new Refused(404, "the path does not exist");
    const call: Call = {
      request,
      response,
      parts,
      query: new URLSearchParams(query),
      session,
      api,
      answers,
      streams,
      body: () => readObject(request),
    };
    await found.handle(call);
  }

  return {
    async handle(request, response) {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      try {
        await serve(request, response);
      } catch (error) {
        if (!response.destroyed) answers.error(response, error);
      }
    },
    close: () => streams.close(),
  };
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf("?");
  return at === -1 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

function fits(pattern: string, parts: readonly string[]): boolean {
  const wanted = pattern.split("/");
  return (
    wanted.length === parts.length &&
    wanted.every((each, at) => each === parts[at] || (each === "*" && parts[at] !== ""))
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refused(400, "the path is not valid percent-encoding", undefined, "invalid_usage");
  }
}
