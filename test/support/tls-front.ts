import { createServer } from "node:tls";
import { connect, type AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { makeLoopbackCertificate } from "./ngrok-server/certificate.ts";
import { tempFolder } from "./temp.ts";

/** TLS for a host before a plain server on loopback, and a file with the certificate to trust. */
export async function startTlsFront(host: string, upstreamPort: number): Promise<{ port: number; caFile: string }> {
  const { keyPem, certPem } = makeLoopbackCertificate({ host });
  const server = createServer({ key: keyPem, cert: certPem }, (socket) => {
    const onward = connect(upstreamPort, "127.0.0.1");
    socket.on("error", () => onward.destroy());
    onward.on("error", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const caFile = join(tempFolder(), "ca.pem");
  writeFileSync(caFile, certPem);
  return { port: (server.address() as AddressInfo).port, caFile };
}
