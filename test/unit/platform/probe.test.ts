import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { closeServer, listenOnLoopback, portHolder } from "../../../src/platform/loopback.ts";
import { probe } from "../../../src/platform/probe.ts";

const signal = new AbortController().signal;
const anyPort = { port: 0, orNext: false, flag: "--port" };

it("a probe is one HEAD request, and follows no redirect", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(302, { location: "/elsewhere", "ngrok-error-code": "ERR_NGROK_3200" }).end();
  });
  const port = await listenOnLoopback(server, anyPort);
  onTestFinished(() => closeServer(server));
  expect(await probe(new URL(`http://127.0.0.1:${port}/`), signal)).toMatchObject({
    kind: "answered",
    status: 302,
    headers: { "ngrok-error-code": "ERR_NGROK_3200" },
  });
  expect(seen).toStrictEqual(["HEAD /"]);
});

it("a probe of a closed port fails with the reason", async () => {
  const server = createTcpServer();
  const port = await listenOnLoopback(server, anyPort);
  await closeServer(server);
  const answer = await probe(new URL(`http://127.0.0.1:${port}/`), signal);
  expect(answer).toStrictEqual({ kind: "failed", reason: "connection refused" });
});

it("the program that listens on a port is known if the system's tools report it, and there is none on a free port", async () => {
  const server = createTcpServer();
  const port = await listenOnLoopback(server, anyPort);
  const holder = await portHolder(port);
  expect([undefined, process.pid]).toContain(holder?.pid);
  await closeServer(server);
  expect(await portHolder(port)).toBeUndefined();
});
