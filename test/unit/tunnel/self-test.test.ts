import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { leadsHere } from "../../../src/tunnel/self-test.ts";

/** A server that answers with the nonces it expects, as the receiver does, or with something of its own. */
async function startHost(answer?: string) {
  const nonces = new Set<string>();
  const server = createServer((request, response) => {
    const nonce = request.url?.slice(1) ?? "";
    response.end(answer ?? (nonces.has(nonce) ? nonce : ""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nonces,
    server,
    expectNonce: (nonce: string) => {
      nonces.add(nonce);
      return { path: `/${nonce}`, forget: () => nonces.delete(nonce) };
    },
  };
}

const patient = () => AbortSignal.timeout(10_000);

describe("whether a public URL leads here", () => {
  it("is true when the nonce comes back, which is then forgotten", async () => {
    const host = await startHost();
    expect(await leadsHere(host.origin, host, patient())).toBe(true);
    expect(host.nonces.size).toBe(0);
  });

  it("is false when somebody else answers", async () => {
    const host = await startHost("another app");
    expect(await leadsHere(host.origin, host, patient())).toBe(false);
  });

  it("is false when nobody answers, or when there is no time left", async () => {
    const host = await startHost();
    expect(await leadsHere(host.origin, host, AbortSignal.abort())).toBe(false);
    await new Promise((resolve) => host.server.close(resolve));
    expect(await leadsHere(host.origin, host, patient())).toBe(false);
    expect(host.nonces.size).toBe(0);
  });
});
