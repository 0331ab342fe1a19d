import { createServer, type AddressInfo, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ForwardAttempt } from "../../src/core/exchange.ts";
import { openStore } from "../../src/store/store.ts";
import { startApp } from "./app.ts";
import { startListener } from "./listener.ts";
import { tempFolder } from "./temp.ts";

/** An app that answers each request with these bytes, and then keeps or closes the connection. */
async function startRawApp(answer: string | Buffer | ((socket: Socket) => void)): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      if (!chunk.toString("latin1").endsWith("}}")) return;
      if (typeof answer === "function") answer(socket);
      else socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
}

const http = (status: string, headers: readonly string[] = [], body: string | Buffer = "") =>
  Buffer.concat([
    Buffer.from([`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...headers, "", ""].join("\r\n")),
    Buffer.from(body),
  ]);

interface Behaviour {
  readonly app: string | Buffer | ((socket: Socket) => void);
  /** The status that Bluum gets with `--ack app`. */
  readonly told: number;
  readonly stored: object;
}

const BEHAVIOURS = {
  "200": { app: http("200 OK", [], "ok"), told: 200, stored: { status: 200, body: Buffer.from("ok") } },
  "204": { app: "HTTP/1.1 204 No Content\r\n\r\n", told: 204, stored: { status: 204, bodyBytes: 0 } },
  "a redirect": { app: http("302 Found", ["Location: http://127.0.0.1:9/"]), told: 302, stored: { status: 302 } },
  "400": { app: http("400 Bad Request", [], "no"), told: 400, stored: { status: 400 } },
  "404": { app: http("404 Not Found"), told: 404, stored: { status: 404 } },
  "500": {
    app: http("500 Oh", ["X-Trace: abc"]),
    told: 500,
    stored: { status: 500, headers: expect.arrayContaining([["X-Trace", "abc"]]) as unknown },
  },
  "503": { app: http("503 Later"), told: 503, stored: { status: 503 } },
  "a reset": { app: (socket) => void socket.resetAndDestroy(), told: 502, stored: { reason: "broken" } },
  "a reset in mid-answer": {
    app: (socket) =>
      void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha", () => socket.resetAndDestroy()),
    told: 502,
    stored: { reason: "broken" },
  },
  "no answer": { app: "", told: 504, stored: { reason: "timeout" } },
  "a slow drip": { app: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nh", told: 504, stored: { reason: "timeout" } },
  "a huge answer": {
    app: http("200 OK", [], "a".repeat(2_000_000)),
    told: 200,
    stored: { status: 200, bodyBytes: 2_000_000, body: Buffer.alloc(65_536, "a") },
  },
  "a gzipped answer": {
    app: http("200 OK", ["Content-Encoding: gzip"], gzipSync("hello")),
    told: 200,
    stored: { status: 200, body: gzipSync("hello") },
  },
  "an answer that is no text": {
    app: http("200 OK", [], Buffer.from([0xff, 0xfe, 0])),
    told: 200,
    stored: { body: Buffer.from([0xff, 0xfe, 0]) },
  },
  "HTTP/1.0": {
    app: (socket) => void socket.end("HTTP/1.0 201 Created\r\n\r\nold"),
    told: 201,
    stored: { status: 201, bodyBytes: 3 },
  },
  "a connection that is closed after its answer": {
    app: (socket) => void socket.end(http("200 OK")),
    told: 200,
    stored: { status: 200 },
  },
  "bytes that are not HTTP": { app: "hello\r\n\r\n", told: 502, stored: { reason: "garbage" } },
} satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;
export const ALL_BEHAVIOURS = Object.keys(BEHAVIOURS) as BehaviourName[];

/** The stored data of each request to the app. */
export async function attemptsOf(env: { BLUUM_HOOKS_HOME: string }): Promise<ForwardAttempt[]> {
  await using store = await openStore({ folder: env.BLUUM_HOOKS_HOME });
  const deliveries = await store.list({ order: "oldest" });
  return (await Promise.all(deliveries.map(({ id }) => store.forwards(id)))).flat();
}

/** For each behaviour of an app: Bluum's response and the stored data. */
export function answersOfApps(ack: "app" | "now", names: readonly BehaviourName[]): void {
  describe.each(names)("an app that answers with %s", (name) => {
    const { app, told, stored }: Behaviour = BEHAVIOURS[name];
    const status = ack === "app" ? told : 200;

    it(`makes Bluum receive, with --ack ${ack}: ${status}`, async () => {
      const env = { BLUUM_HOOKS_HOME: tempFolder() };
      const url = await startRawApp(app);
      // Only an app that does not answer may take too long: any other may take as long as the machine needs.
      const timeout = "reason" in stored && stored.reason === "timeout" ? "0.2s" : "60s";
      const listener = await startListener(["--forward-to", url, "--ack", ack, "--forward-timeout", timeout], env);
      // Two, because the second one may use the same connection.
      for (const id of ["ord_1", "ord_2"]) {
        expect(await listener.deliver("order.filled", id)).toBe(status);
        await listener.record("forward", ({ resourceId }) => resourceId === id);
      }
      await listener.stop();
      const attempts = await attemptsOf(env);
      expect(attempts.map(({ outcome }) => outcome)).toMatchObject([stored, stored]);
    });
  });
}

/** A burst with two deliveries for each of this number of resources. */
export function burstReachesApp(resources: number): void {
  it(`a burst of ${2 * resources} deliveries reaches the app completely, each resource in order, without delaying a response`, async () => {
    const app = await startApp();
    const env = { BLUUM_HOOKS_HOME: tempFolder() };
    const listener = await startListener(["--forward-to", String(app.port), "--ack", "now"], env);
    const send = (event: string) =>
      Promise.all(Array.from({ length: resources }, (_, at) => listener.deliver(event, `ord_${at}`)));
    expect(new Set([...(await send("order.accepted")), ...(await send("order.filled"))])).toEqual(new Set([200]));
    await expect.poll(() => app.requests.length).toBe(2 * resources);
    const names = app.requests.map(({ name }) => name);
    expect(new Set(names).size).toBe(2 * resources);
    for (let at = 0; at < resources; at += 1) {
      expect(names.indexOf(`order.accepted ord_${at}`)).toBeLessThan(names.indexOf(`order.filled ord_${at}`));
    }
  });
}
