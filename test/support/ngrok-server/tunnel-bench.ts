import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { type Tunnel, type TunnelChange, type NgrokOptions } from "../../../src/tunnel/tunnel.ts";
import { tempFolder } from "../temp.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startNgrokServer, type NgrokServer } from "./server.ts";
import { openNgrok } from "../../../src/tunnel/ngrok.ts";

export const TOKEN = "2abcDEFghiJKLmnoPQRstuVWXyz_3test4token5of6no7use8";

/** A local app: answers GET with `hello`, and POST with the hash of the body and `?bytes=` further bytes. */
export async function startApp(): Promise<{ url: string }> {
  const server = createServer((request, response) => {
    const hash = createHash("sha256");
    request.on("data", (chunk: Buffer) => hash.update(chunk));
    request.on("end", () => {
      const bytes = Number(new URL(request.url ?? "/", "http://x").searchParams.get("bytes") ?? 0);
      response.setHeader("x-sha256", hash.digest("hex"));
      response.setHeader(
        "x-seen",
        JSON.stringify({ method: request.method, url: request.url, headers: request.headers }),
      );
      response.end(bytes > 0 ? Buffer.alloc(bytes, "b") : "hello");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The self-test of `listen`, here with the app's greeting instead of a nonce. */
export async function leadsToApp(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  return (await response.text()) === "hello";
}

export interface Bench {
  readonly server: NgrokServer;
  readonly changes: TunnelChange[];
  readonly options: NgrokOptions;
  /** Opens the tunnel; it is closed if the test ends first. */
  open(): Promise<Tunnel>;
  /** The first change that meets the condition and is not among the first `after` ones. */
  until(matches: (change: TunnelChange) => boolean, after?: number): Promise<TunnelChange>;
}

/** A server, an app, and the options of a tunnel between them with the real recovery times. */
export async function startBench(agentUrl: URL, overrides: Partial<NgrokOptions> = {}): Promise<Bench> {
  const server = await startNgrokServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const app = await startApp();
  const caFile = join(tempFolder(), "ca.pem");
  writeFileSync(caFile, server.caPem);
  const changes: TunnelChange[] = [];
  const waiting = new Set<() => void>();
  const options: NgrokOptions = {
    upstreamUrl: app.url,
    authtoken: TOKEN,
    domain: undefined,
    serverAddr: server.serverAddr,
    rootCas: caFile,
    version: "0.0.0-test",
    clock: systemClock,
    signal: new AbortController().signal,
    probe: leadsToApp,
    agentUrl,
    ...overrides,
    onChange: (change) => {
      changes.push(change);
      for (const check of waiting) check();
    },
  };
  return {
    server,
    changes,
    options,
    async open() {
      const tunnel = await openNgrok(options);
      onTestFinished(() => tunnel.close());
      return tunnel;
    },
    until: (matches, after = 0) =>
      new Promise((resolve) => {
        const check = () => {
          const found = changes.slice(after).find(matches);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** Sends requests until the app answers through the URL; returns how long that took, in milliseconds. */
export async function untilTrafficFlows(currentUrl: () => string): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    try {
      if (await leadsToApp(currentUrl(), AbortSignal.timeout(500))) return performance.now() - startedAt;
    } catch {
      // Not yet.
    }
    await systemClock.sleep(50);
  }
}
