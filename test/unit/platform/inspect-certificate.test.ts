import { createServer as createPlainServer } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import type { AddressInfo, Server } from "node:net";
import { rootCertificates } from "node:tls";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { certificateProblem, type CertificateInspection } from "../../../src/core/certificate.ts";
import { furtherAuthorities, inspectCertificate, trusting } from "../../../src/platform/inspect-certificate.ts";
import { makeLoopbackCertificate, type CertificateWish } from "../../support/ngrok-server/certificate.ts";
import { tempFolder } from "../../support/temp.ts";

const DAY_MS = 86_400_000;
const now = Date.now();
const { signal } = new AbortController();

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function inspect(wish: CertificateWish, options: { trusted: boolean } = { trusted: true }) {
  const { keyPem, certPem } = makeLoopbackCertificate(wish);
  const port = await listening(
    createServer({ key: keyPem, cert: certPem } satisfies TlsOptions, (socket) => socket.end()),
  );
  const ca = options.trusted ? { ca: certPem } : {};
  return inspectCertificate({ host: "localhost", port, timeoutMs: 10_000, signal, ...ca });
}

describe("a server's certificate", () => {
  it("is fit if it is trusted, for the host, and valid for two weeks", async () => {
    const inspection = await inspect({ endsAt: now + 15 * DAY_MS });
    expect(inspection).toMatchObject({
      kind: "shown",
      fault: null,
      certificate: { names: ["localhost", "127.0.0.1"] },
    });
    expect(certificateProblem("localhost", inspection, now)).toBeUndefined();
  });

  it.each<[string, CertificateWish, string]>([
    ["ends soon", { endsAt: now + 13 * DAY_MS }, "in 12 days"],
    ["ends today", { endsAt: now + DAY_MS / 2 }, "within a day"],
    ["has ended", { endsAt: now - DAY_MS / 2, startsAt: now - 9 * DAY_MS }, "expired on"],
    ["is not valid yet", { startsAt: now + DAY_MS }, "not valid before"],
    ["is for another host", { host: "app.example" }, "issued for app.example, is not for localhost"],
  ])("is unfit if it %s", async (_what, wish, words) => {
    expect(certificateProblem("localhost", await inspect(wish), now)?.message).toContain(words);
  });

  it("is unfit if it is not trusted, and its issuer is named", async () => {
    const problem = certificateProblem("localhost", await inspect({}, { trusted: false }), now);
    expect(problem?.message).toContain("not trusted: signed by ngrok test server (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(problem?.hint).toContain("--ca");
  });

  it("names a few of many names", () => {
    const certificate = { names: ["a", "b", "c", "d", "e"], issuer: null, startsAt: 0, endsAt: 1 };
    const inspection: CertificateInspection = { kind: "shown", certificate, fault: null };
    expect(certificateProblem("a", inspection, now)?.message).toContain("issued for a, b, c and 2 more");
  });

  it("that cannot be read is distinguished from an invalid one", async () => {
    const plain = await listening(createPlainServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    const none = await inspectCertificate({ host: "127.0.0.1", port: plain, timeoutMs: 10_000, signal });
    expect(none).toEqual({ kind: "none", reason: "it does not use TLS on this port" });
    expect(certificateProblem("127.0.0.1", none, now)?.message).toContain("does not use TLS");
    const mute = await listening(createPlainServer(() => {}));
    const late = await inspectCertificate({ host: "127.0.0.1", port: mute, timeoutMs: 50, signal });
    expect(late).toEqual({ kind: "none", reason: "no answer within 0.05 s" });
    const server = createPlainServer();
    const gone = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const refused = await inspectCertificate({ host: "127.0.0.1", port: gone, timeoutMs: 10_000, signal });
    expect(refused).toEqual({ kind: "none", reason: "connection refused" });
  });

  it("is not awaited once the user wants to stop", async () => {
    const mute = await listening(createPlainServer(() => {}));
    const stop = new AbortController();
    const asked = inspectCertificate({ host: "127.0.0.1", port: mute, timeoutMs: 60_000, signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("authorities", () => {
  it("from a file are used together with those of Node and of NODE_EXTRA_CA_CERTS", async () => {
    const folder = tempFolder();
    const [file, extra] = [join(folder, "ca.pem"), join(folder, "extra.pem")];
    for (const path of [file, extra]) writeFileSync(path, makeLoopbackCertificate().certPem);
    const count = (pem: string) => pem.match(/BEGIN CERT/g)?.length;
    const both = await furtherAuthorities(file, { NODE_EXTRA_CA_CERTS: extra });
    expect(count(both)).toBe(2);
    expect(count(trusting(both).ca?.join("\n") ?? "")).toBe(rootCertificates.length + 2);
    expect(count(await furtherAuthorities(file, { NODE_EXTRA_CA_CERTS: join(folder, "gone.pem") }))).toBe(1);
    expect(trusting(undefined)).toEqual({});
  });

  it("make the certificates valid that they have signed, from either file", async () => {
    const folder = tempFolder();
    const [file, extra] = [join(folder, "ca.pem"), join(folder, "extra.pem")];
    const { keyPem, certPem } = makeLoopbackCertificate();
    const port = await listening(createServer({ key: keyPem, cert: certPem }));
    writeFileSync(file, certPem);
    writeFileSync(extra, rootCertificates[0] ?? "");
    const faultWith = async (ca: string | undefined) => {
      const seen = await inspectCertificate({ host: "localhost", port, ca, timeoutMs: 10_000, signal });
      return seen.kind === "shown" ? seen.fault : seen.reason;
    };
    expect(await faultWith(undefined)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(await faultWith(await furtherAuthorities(extra, {}))).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(await faultWith(await furtherAuthorities(file, { NODE_EXTRA_CA_CERTS: extra }))).toBeNull();
    expect(await faultWith(await furtherAuthorities(extra, { NODE_EXTRA_CA_CERTS: file }))).toBeNull();
  });

  it("cannot be read from a file that is missing or contains none", async () => {
    const file = join(tempFolder(), "ca.pem");
    await expect(furtherAuthorities(file, {})).rejects.toMatchObject({ code: "file_unusable" });
    writeFileSync(file, "-----BEGIN PRIVATE KEY-----");
    await expect(furtherAuthorities(file, {})).rejects.toMatchObject({ code: "file_unusable" });
  });
});
