import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { LoopbackCertificate } from "../ngrok-server/certificate.ts";

export interface Endpoint {
  readonly url: string;
  /** The URL of the app's state. */
  readonly stateUrl: string;
  readonly server: Server;
  /** Open connections. */
  connections(): Promise<number>;
  /** Simulates a process that ends with an exception. */
  crash(): void;
}

/** Serves on a free port until the test ends; over TLS if there is a certificate. */
export async function serve(listener: RequestListener, certificate?: LoopbackCertificate): Promise<Endpoint> {
  const server =
    certificate === undefined
      ? createServer(listener)
      : createTlsServer({ key: certificate.keyPem, cert: certificate.certPem }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const crash = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(crash);
  const origin = `${certificate === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/webhooks/bluum`,
    stateUrl: `${origin}/state`,
    server,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    crash,
  };
}
