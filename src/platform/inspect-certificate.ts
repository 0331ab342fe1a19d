import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import { connect, rootCertificates, type PeerCertificate } from "node:tls";
import type { Certificate, CertificateInspection } from "../core/certificate.ts";
import { AppError } from "../core/errors.ts";
import type { Proxy } from "../core/proxy.ts";
import { LinkedAbort, orAborted } from "./abort.ts";
import { networkFailure } from "./network-failure.ts";
import { openTunnel, proxyFailure } from "./proxy-tunnel.ts";

export interface CertificateRequest {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Authorities to trust in addition to Node's own, in PEM. */
  readonly ca?: string | undefined;
  /** The proxy to use, if any. */
  readonly proxy?: Proxy | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Gets a server's certificate by a TLS handshake, and sends nothing. Rejects only when aborted. */
export async function inspectCertificate(request: CertificateRequest): Promise<CertificateInspection> {
  const { proxy, timeoutMs, signal } = request;
  if (proxy === undefined) return shakeHands(request);
  using deadline = new LinkedAbort(signal, timeoutMs);
  try {
    const tunnel = await openTunnel(proxy, { ...request, signal: deadline.signal });
    return await shakeHands(request, tunnel);
  } catch (error) {
    signal.throwIfAborted();
    const reason = proxyFailure(error, proxy)?.message ?? networkFailure(error)[1];
    return { kind: "none", reason: deadline.isTimedOut ? `no answer within ${timeoutMs / 1000} s` : reason };
  }
}

async function shakeHands(request: CertificateRequest, tunnel?: Socket): Promise<CertificateInspection> {
  const { host, port, ca, timeoutMs, signal } = request;
  signal.throwIfAborted();
  using deadline = new LinkedAbort(signal, timeoutMs);
  const socket = connect({
    host,
    port,
    ...(tunnel === undefined ? {} : { socket: tunnel }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...trusting(ca),
    // The certificate is verified, but returned even if it is invalid: the message must say what is wrong with it.
    rejectUnauthorized: false,
  });
  const inspection = new Promise<CertificateInspection>((resolve) => {
    const fail = (reason: string) => resolve({ kind: "none", reason });
    socket.once("secureConnect", () => {
      const peer = socket.getPeerCertificate();
      // The type says Error; Node sets the error's code, or null for an authorized connection.
      const fault = socket.authorizationError as unknown as string | null | undefined;
      if (Object.keys(peer).length === 0) return fail("the server sent none");
      resolve({ kind: "shown", certificate: read(peer), fault: fault ?? null });
    });
    socket.on("error", (error) => fail(networkFailure(error)[1]));
    socket.once("close", () => fail("the connection was closed"));
  });
  try {
    return await orAborted(inspection, deadline.signal);
  } catch {
    signal.throwIfAborted();
    return { kind: "none", reason: `no answer within ${timeoutMs / 1000} s` };
  } finally {
    socket.destroy();
  }
}

/** The connection option that trusts additional authorities, in PEM, besides those of Node. */
export function trusting(ca: string | undefined): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [...rootCertificates, ca] };
}

/**
 * The authorities in a file, in PEM, and those of `NODE_EXTRA_CA_CERTS`, which Node ignores as soon as others are
 * passed. Throws `file_unusable`.
 */
export async function furtherAuthorities(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const named = await readAuthorities(file);
  const extra = env["NODE_EXTRA_CA_CERTS"];
  // Node itself warns about a file that cannot be read, and continues without it.
  return extra ? `${named}\n${await readAuthorities(extra).catch(() => "")}` : named;
}

async function readAuthorities(file: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (cause) {
    throw new AppError("file_unusable", `the certificates in ${file} cannot be read`, {
      hint: "Use a readable PEM file.",
      cause,
    });
  }
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new AppError("file_unusable", `there is no certificate in ${file}`, {
    hint: "Use a PEM file: text that contains -----BEGIN CERTIFICATE-----.",
  });
}

function read({ subject, subjectaltname, issuer, valid_from, valid_to }: PeerCertificate): Certificate {
  const names = [...(subjectaltname ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name]) => name ?? "");
  // Real certificates lack fields that the type declares, and have several values where it declares one.
  const text = (value: unknown) => (typeof value === "string" ? value : Array.isArray(value) ? value.join(", ") : null);
  const commonName = text(subject?.CN);
  return {
    names: names.length > 0 || commonName === null ? names : [commonName],
    issuer: text(issuer?.O) ?? text(issuer?.CN),
    startsAt: Date.parse(valid_from),
    endsAt: Date.parse(valid_to),
  };
}
