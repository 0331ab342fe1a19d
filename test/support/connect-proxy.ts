import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface ConnectProxy {
  readonly url: string;
  readonly port: number;
  /** The requests received: `CONNECT api.example:443`, `GET http://api.example/v1`. */
  readonly asked: string[];
}

interface ConnectProxyOptions {
  /** The port on loopback that every request is sent to, whatever its host. */
  readonly upstreamPort?: number;
  /** The required `user:password`. */
  readonly pair?: string;
  /** Refuses every request with this status. */
  readonly refusal?: number;
}

/** An HTTP proxy on loopback: tunnels for https, absolute URLs for http. It connects to loopback only. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const refusalOf = (request: IncomingMessage): number | undefined => {
    asked.push(`${request.method} ${request.url}`);
    if (options.refusal !== undefined) return options.refusal;
    const wanted = options.pair === undefined ? undefined : `Basic ${btoa(options.pair)}`;
    return wanted === undefined || request.headers["proxy-authorization"] === wanted ? undefined : 407;
  };
  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      response.writeHead(refusal).end("<html>the proxy says no</html>");
      return;
    }
    const { host, "proxy-authorization": _pair, ...headers } = request.headers;
    const target = new URL(request.url ?? "");
    const onward = httpRequest(
      {
        host: "127.0.0.1",
        port: options.upstreamPort,
        method: request.method,
        path: target.pathname + target.search,
        headers: { ...headers, "x-asked-host": host ?? "" },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(options.upstreamPort ?? 0, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, asked };
}
