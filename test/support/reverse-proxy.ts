import { createServer, request as httpRequest, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { LoopbackCertificate } from "./ngrok-server/certificate.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** How a reverse proxy changes a request or its response. */
export interface ProxyRules {
  /** The proxy's own response, to requests for this path or to all. */
  readonly answer?: (path: string, body: string) => Answer | undefined;
  readonly path?: (path: string) => string;
  readonly method?: string;
  readonly headers?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  readonly body?: (body: string) => string;
  /** Changes the upstream's response. */
  readonly answered?: (answer: Answer) => Answer;
  /** How often it forwards each request; the first response counts. */
  readonly copies?: number;
  readonly certificate?: LoopbackCertificate;
}

/** A small reverse proxy, whose upstream (`http://127.0.0.1:PORT`) may be set later. */
export async function startReverseProxy(upstream: Promise<string> | string, rules: ProxyRules = {}) {
  const paths: string[] = [];
  const handle: RequestListener = (request, response) => {
    void (async () => {
      const path = request.url ?? "/";
      paths.push(path);
      let body = "";
      for await (const chunk of request.setEncoding("latin1")) body += String(chunk);
      const pass = async (): Promise<Answer> =>
        send(new URL(rules.path?.(path) ?? path, await upstream), {
          method: rules.method ?? request.method ?? "GET",
          headers: rules.headers?.(request.headers) ?? request.headers,
          body: rules.body?.(body) ?? body,
        });
      let answer = rules.answer?.(path, body);
      if (answer === undefined) {
        answer = await pass();
        for (let copy = 1; copy < (rules.copies ?? 1); copy += 1) await pass();
      }
      const { status, headers = {}, body: text = "" } = rules.answered?.(answer) ?? answer;
      response.writeHead(status, headers).end(text);
    })().catch(() => request.socket.destroy());
  };
  const server =
    rules.certificate === undefined
      ? createServer(handle)
      : createTlsServer({ key: rules.certificate.keyPem, cert: rules.certificate.certPem }, handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, /** The received requests. */ paths };
}

function send(
  url: URL,
  { method, headers, body }: { method: string; headers: IncomingHttpHeaders; body: string },
): Promise<Answer> {
  const { "content-length": _length, "transfer-encoding": _coding, ...others } = headers;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers: others, agent: false }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body: text }));
    });
    outgoing.on("error", reject);
    outgoing.end(Buffer.from(body, "latin1"));
  });
}
