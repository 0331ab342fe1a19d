import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import { connect, rootCertificates, type PeerCertificate } from "node:tls";
import type { Certificate, CertificateInspection } from "../core/certificate.ts";
import { AppError } from "../core/errors.ts";
import type { Proxy } from "../core/proxy.ts";
import { networkFailure } from "./network-failure.ts";
import { openTunnel, proxyFailure } from "./proxy-tunnel.ts";

export interface CertificateRequest {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Authorities to trust beside Node's own, in PEM. */
  readonly ca?: string | undefined;
  /** What to go through, if anything. */
  readonly proxy?: Proxy | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Shakes hands with a server to see its certificate, and sends nothing. Rejects only when aborted. */
export async function inspectCertificate(request: CertificateRequest): Promise<CertificateInspection> {
  const { proxy, timeoutMs, signal } = request;
  if (proxy === undefined) return shakeHands(request);
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const tunnel = await openTunnel(proxy, { ...request, signal: AbortSignal.any([signal, deadline]) });
    return await shakeHands(request, tunnel);
  } catch (error) {
    signal.throwIfAborted();
    const reason = proxyFailure(error, proxy)?.message ?? networkFailure(error)[1];
    return { kind: "none", reason: deadline.aborted ? `no answer within ${timeoutMs / 1000} s` : reason };
  }
}

function shakeHands(request: CertificateRequest, tunnel?: Socket): Promise<CertificateInspection> {
  const { host, port, ca, signal } = request;
  return new Promise((resolve, reject) => {
    const stop = () => finish(() => reject(signal.reason as Error));
    const end = (inspection: CertificateInspection) => finish(() => resolve(inspection));
    const fail = (reason: string) => end({ kind: "none", reason });
    let isOver = false;
    function finish(tell: () => void): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.destroy();
      tell();
    }
    const socket = connect(
      {
        host,
        port,
        ...(tunnel === undefined ? {} : { socket: tunnel }),
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...trusting(ca),
        // Judged all the same, but seen even if it is refused: the message shall say what is wrong with it.
        rejectUnauthorized: false,
      },
      () => {
        const peer = socket.getPeerCertificate();
        // An authorised connection has null there; the type knows of errors alone, Node gives their code.
        const fault = socket.authorizationError as unknown as string | null | undefined;
        if (Object.keys(peer).length === 0) return fail("the server showed none");
        end({ kind: "shown", certificate: read(peer), fault: fault ?? null });
      },
    );
    const timer = setTimeout(() => fail(`no answer within ${request.timeoutMs / 1000} s`), request.timeoutMs);
    socket.on("error", (error) => fail(networkFailure(error)[1]));
    socket.once("close", () => fail("the connection was closed"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** The option of a connection that trusts further authorities, in PEM, beside those of Node. */
export function trusting(ca: string | undefined): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [...rootCertificates, ca] };
}

/**
 * The authorities of a file, in PEM, and with them those of `NODE_EXTRA_CA_CERTS`, which Node forgets as soon as others are
 * named. Throws `file_unusable`.
 */
export async function furtherAuthorities(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const named = await readAuthorities(file);
  const extra = env["NODE_EXTRA_CA_CERTS"];
  // Node has warned of one that cannot be read, and goes on without it.
  return extra ? `${named}\n${await readAuthorities(extra).catch(() => "")}` : named;
}

async function readAuthorities(file: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (cause) {
    throw new AppError("file_unusable", `the certificates in ${file} cannot be read`, {
      hint: "Name a PEM file that is there and may be read.",
      cause,
    });
  }
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new AppError("file_unusable", `there is no certificate in ${file}`, {
    hint: "It must be PEM: text with -----BEGIN CERTIFICATE----- in it.",
  });
}

function read({ subject, subjectaltname, issuer, valid_from, valid_to }: PeerCertificate): Certificate {
  const names = [...(subjectaltname ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name]) => name ?? "");
  // Certificates in the wild lack fields that the type promises, and have several values where it promises one.
  const text = (value: unknown) => (typeof value === "string" ? value : Array.isArray(value) ? value.join(", ") : null);
  const commonName = text(subject?.CN);
  return {
    names: names.length > 0 || commonName === null ? names : [commonName],
    issuer: text(issuer?.O) ?? text(issuer?.CN),
    startsAt: Date.parse(valid_from),
    endsAt: Date.parse(valid_to),
  };
}
