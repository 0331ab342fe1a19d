import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { promisify } from "node:util";
import { type BluumClient, type BluumClientOptions, createBluumClient } from "../../../src/bluum/client.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { closeServer, listenOnLoopback } from "../../../src/platform/loopback.ts";

export const CREDENTIALS = { apiKey: "key_PUBLIC_17", apiSecret: 'sec"ret/ü+value_42' };
export const SECRETS = [
  CREDENTIALS.apiKey,
  CREDENTIALS.apiSecret,
  Buffer.from(`${CREDENTIALS.apiKey}:${CREDENTIALS.apiSecret}`).toString("base64"),
];

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly at: number;
}

export type Step = (response: ServerResponse, request: SeenRequest) => void;

/** A real server on loopback that answers each request with the next step of its script. */
export interface ScriptedApi extends AsyncDisposable {
  readonly baseUrl: string;
  readonly seen: readonly SeenRequest[];
  /** Steps that no request has used. */
  readonly unused: number;
  /** Open connections. */
  connections(): Promise<number>;
  client(options?: Partial<BluumClientOptions>): BluumClient;
}

export async function scriptedApi(...script: Step[]): Promise<ScriptedApi> {
  const steps = [...script];
  const seen: SeenRequest[] = [];
  const clients: BluumClient[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { method = "", url: path = "", headers } = request;
      const step = steps.shift() ?? json(418, { message: "the script is over" });
      seen.push({ method, path, headers, body: text === "" ? undefined : JSON.parse(text), at: Date.now() });
      step(response, seen.at(-1)!);
    });
  });
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "--port" });
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return {
    baseUrl,
    seen,
    get unused() {
      return steps.length;
    },
    connections: () => promisify(server.getConnections.bind(server))(),
    client(options = {}) {
      clients.push(createBluumClient({ ...TEST_OPTIONS, baseUrl, ...options }));
      return clients.at(-1)!;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
      await closeServer(server);
    },
  };
}

/** A client's options without its base URL; the signal never aborts and retries follow at once. */
export const TEST_OPTIONS = {
  environment: "sandbox",
  credentials: CREDENTIALS,
  requestsPerSecond: 1000,
  clock: systemClock,
  signal: new AbortController().signal,
  userAgent: "bluum-hooks/test",
  retryBaseMs: 1,
  beforeMoney: async () => {},
} satisfies Omit<BluumClientOptions, "baseUrl">;

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Step {
  return raw(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
}

export function raw(status: number, body: string, headers: Record<string, string> = {}): Step {
  return (response) => response.writeHead(status, { "x-request-id": "req_1", ...headers }).end(body);
}

/** Reads the request and drops the connection without a response. */
export const reset: Step = (response) => response.socket?.destroy();

/** Never answers. */
export const silence: Step = () => undefined;

export const webhook = (fields: Record<string, unknown> = {}) => ({
  id: "wh_1",
  url: "https://a.example/hook",
  eventTypeNames: ["order.*"],
  status: "ACTIVE",
  ...fields,
});
