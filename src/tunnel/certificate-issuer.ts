import { connect } from "node:tls";

const LIMIT_MS = 1_500;

/**
 * The issuer of the certificate that a server presents, such as `Zscaler Inc.`; undefined if it cannot be determined.
 */
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
      // Real certificates lack fields that the type declares.
      const name: unknown = issuer?.O ?? issuer?.CN;
      finish(typeof name === "string" ? name : undefined);
    });
    socket.setTimeout(LIMIT_MS, () => finish(undefined));
    socket.once("error", () => finish(undefined));
  });
}
