import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { listenOn, listenOnReopenedPort } from "./reopened-port.ts";

export interface AppRequest {
  readonly path: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** `event` and `data.id` of a JSON body, such as `order.filled ord_1`. */
  readonly name: string;
}

/** A user's app: a server on loopback that stores its requests. */
export interface App {
  readonly url: string;
  readonly port: number;
  readonly requests: AppRequest[];
  /** Closes the port; `start` opens the same one again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

type Handle = (request: AppRequest, response: ServerResponse, raw: IncomingMessage) => void;

export async function startApp(handle: Handle = (_request, response) => void response.end("ok")): Promise<App> {
  const requests: AppRequest[] = [];
  const server = createServer((raw, response) => {
    const chunks: Buffer[] = [];
    raw.on("data", (chunk: Buffer) => chunks.push(chunk));
    raw.on("end", () => {
      const body = Buffer.concat(chunks);
      const request = { path: raw.url ?? "", rawHeaders: raw.rawHeaders, body, name: nameOf(body) };
      requests.push(request);
      handle(request, response, raw);
    });
  });
  const stop = async () => {
    if (!server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  const port = await listenOnReopenedPort(server);
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${port}`, port, requests, stop, start: () => listenOn(server, port) };
}

function nameOf(body: Buffer): string {
  try {
    const { event, data } = JSON.parse(body.toString()) as { event?: string; data?: { id?: string } };
    return `${event} ${data?.id}`;
  } catch {
    return "";
  }
}
