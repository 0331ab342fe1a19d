import { connect } from "node:tls";

const LIMIT_MS = 1_500;

/** Who signed the certificate that a server shows, such as `Zscaler Inc.`; undefined if that cannot be learnt. */
export function issuerAt(serverAddr: string): Promise<string | undefined> {
  const [host = "", port = "443"] = serverAddr.split(":");
  return new Promise((resolve) => {
    const finish = (issuer: string | undefined) => {
      socket.destroy();
      resolve(issuer);
    };
    // Nothing is sent on this connection: only the certificate is read.
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      const { issuer } = socket.getPeerCertificate();
      // Certificates in the wild lack fields that the type promises.
      const name: unknown = issuer?.O ?? issuer?.CN;
      finish(typeof name === "string" ? name : undefined);
    });
    socket.setTimeout(LIMIT_MS, () => finish(undefined));
    socket.once("error", () => finish(undefined));
  });
}
