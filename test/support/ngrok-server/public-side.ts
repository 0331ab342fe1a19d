import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import type { MuxStream } from "./mux-stream.ts";

/** Opens a stream to the agent that serves the host; undefined if there is none. */
export type OpenVisit = (host: string, clientAddr: string) => MuxStream | undefined;

/**
 * The entry for visitors. Every host has its own port on loopback, so that its URL works without DNS, and keeps it
 * while no agent is connected, as the service's edge does.
 */
export class PublicSide {
  readonly #ports = new Map<string, { readonly server: Server; readonly url: string }>();
  readonly #openVisit: OpenVisit;

  constructor(openVisit: OpenVisit) {
    this.#openVisit = openVisit;
  }

  /** The host's URL, such as `http://127.0.0.1:40001`; opens its port if necessary. */
  async open(host: string): Promise<string> {
    const known = this.#ports.get(host);
    if (known !== undefined) return known.url;
    const server = createServer((request, response) => {
      void this.#visit(host, request, response).catch(() => {
        if (!response.headersSent) response.writeHead(502, { "ngrok-error-code": "ERR_NGROK_3004" });
        response.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#ports.set(host, { server, url });
    return url;
  }

  url(host: string): string | undefined {
    return this.#ports.get(host)?.url;
  }

  close(): void {
    for (const { server } of this.#ports.values()) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #visit(host: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const clientAddr = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
    const stream = this.#openVisit(host, clientAddr);
    if (stream === undefined) {
      response.writeHead(404, { "ngrok-error-code": "ERR_NGROK_3200" });
      response.end(`The endpoint ${host} is offline.\n\nERR_NGROK_3200\n`);
      return;
    }
    request.socket.once("close", () => stream.destroy());
    const { connection: _connection, ...headers } = request.headers;
    const outgoing = httpRequest({
      method: request.method,
      path: request.url,
      headers: {
        ...headers,
        host,
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": host,
        "x-forwarded-proto": "https",
      },
      createConnection: () => stream,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve);
      outgoing.once("error", reject);
    });
    const sent = pipeline(request, outgoing);
    // The app may answer before it has read everything: its response counts, even if the rest of the request fails.
    sent.catch(() => {});
    const incoming = await answered;
    response.writeHead(incoming.statusCode ?? 502, incoming.rawHeaders);
    await pipeline(incoming, response);
  }
}
