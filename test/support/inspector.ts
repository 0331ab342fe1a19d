import { request, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";
import type { Context } from "../../src/context.ts";
import { Interrupted } from "../../src/core/errors.ts";
import { runInProcess, type InProcessEnd } from "./in-process.ts";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** The server of an inspector. */
export interface Inspected {
  readonly port: number;
  readonly token: string;
  /** Sends a request with the token, like a script. */
  readonly get: (path: string) => Promise<Answered>;
  readonly post: (path: string, body: object) => Promise<Answered>;
  /** Sends the request exactly as given, without a token. */
  readonly ask: (path: string, asked?: Asked) => Promise<Answered>;
}

export function inspected(url: string): Inspected {
  const { port: text, hash } = new URL(url);
  const [port, token] = [Number(text), hash.slice(1)];
  const ask: Inspected["ask"] = (path, asked = {}) => send(port, path, asked);
  const authorization = `Bearer ${token}`;
  return {
    port,
    token,
    ask,
    get: (path) => ask(`/_inspector/${path}`, { headers: { authorization } }),
    post: (path, body) =>
      ask(`/_inspector/${path}`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

function send(port: number, path: string, { method = "GET", headers = {}, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString("utf8");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes,
          text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** `inspect --port 0` in this process, with the store of a home folder. */
export async function startInspect(
  env: Readonly<Record<string, string>>,
  overrides: Partial<Context> = {},
  args: readonly string[] = [],
): Promise<Inspected & { readonly stop: () => Promise<InProcessEnd> }> {
  const interrupt = new AbortController();
  let ended: Promise<InProcessEnd> | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    ended = runInProcess(["inspect", "--port", "0", "--json", ...args], env, {
      ...overrides,
      signal: interrupt.signal,
      stdout: {
        isTTY: false,
        columns: 80,
        write: (text) => resolve((JSON.parse(text) as { inspectorUrl: string }).inspectorUrl),
      },
    });
    void ended.then(({ stderr }) => reject(new Error(`inspect ended first: ${stderr}`)));
  });
  const stop = async () => {
    interrupt.abort(new Interrupted("SIGINT", 130));
    return ended!;
  };
  onTestFinished(async () => void (await stop()));
  return { ...inspected(url), stop };
}

/** Server-sent events as they are received. */
export interface EventStream {
  readonly events: readonly { readonly id: string; readonly event: string; readonly data: Record<string, unknown> }[];
  /** Resolves once the received events meet the condition. */
  until(isFulfilled: (events: EventStream["events"]) => boolean): Promise<void>;
  /** Resolves once the server has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens the stream with the token, like a script, and waits until it is open. */
export function openStream(inspector: Pick<Inspected, "port" | "token">, query: string): Promise<EventStream> {
  const { port, token } = inspector;
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const path = `/_inspector/stream?${query}`;
    const asked = request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
      const events: { id: string; event: string; data: Record<string, unknown> }[] = [];
      const watchers = new Set<() => void>();
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text.slice(0, end))?.[1] ?? "";
          const [id, event, data] = [field("id"), field("event"), field("data")];
          text = text.slice(end + 2);
          if (event !== "") events.push({ id, event, data: JSON.parse(data) as Record<string, unknown> });
        }
        for (const watcher of watchers) watcher();
      });
      const ended = new Promise<void>((end) => response.once("close", () => end()));
      response.on("error", () => {});
      resolve({
        events,
        ended,
        until: (isFulfilled) =>
          new Promise((fulfil, fail) => {
            const look = () => {
              if (isFulfilled(events)) fulfil();
            };
            watchers.add(look);
            look();
            void ended.then(() => fail(new Error(`the stream ended: ${JSON.stringify(events)}`)));
          }),
        close: () => response.destroy(),
      });
    });
    asked.on("error", (error) => reject(error));
    asked.end();
    onTestFinished(() => void asked.destroy());
  });
}
