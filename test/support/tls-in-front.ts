import { writeFileSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { makeLoopbackCertificate } from "./ngrok-server/certificate.ts";

/** Serves an app over TLS, as in production: the bytes in the connections stay the same. */
export async function startTlsInFront(appUrl: string, folder: string) {
  const { port, pathname } = new URL(appUrl);
  const { keyPem, certPem } = makeLoopbackCertificate({ host: "localhost" });
  const server = createServer({ key: keyPem, cert: certPem }, (secured) => {
    const plain = connect(Number(port), "127.0.0.1");
    secured.pipe(plain).pipe(secured);
    secured.on("error", () => plain.destroy()).on("close", () => plain.destroy());
    plain.on("error", () => secured.destroy()).on("close", () => secured.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, certPem);
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}${pathname}`,
    caFile,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
