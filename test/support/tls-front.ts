import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { makeLoopbackCertificate } from "./ngrok-server/certificate.ts";
import { tempFolder } from "./temp.ts";

/**
 * A gateway that serves a host over TLS and forwards its requests to a plain server on loopback, under that server's
 * own name; and a file with the certificate to trust.
 */
export async function startTlsFront(host: string, upstreamPort: number): Promise<{ port: number; caFile: string }> {
  const { keyPem, certPem } = makeLoopbackCertificate({ host });
  const server = createServer({ key: keyPem, cert: certPem }, (incoming, response) => {
    const { method, url, headers } = incoming;
    const onward = request(
      {
        host: "127.0.0.1",
        port: upstreamPort,
        method,
        path: url,
        headers: { ...headers, host: `127.0.0.1:${upstreamPort}` },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const caFile = join(tempFolder(), "ca.pem");
  writeFileSync(caFile, certPem);
  return { port: (server.address() as AddressInfo).port, caFile };
}
