import { createServer, type Socket } from "node:net";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import type { HeaderPair } from "../../../src/core/delivery.ts";
import { KEPT_ANSWER_BYTES } from "../../../src/core/exchange.ts";
import { createPoster, type PostRequest } from "../../../src/platform/post.ts";

/** A server that gets each connection with the data received on it so far. */
async function startRaw(onData: (socket: Socket, received: string) => void): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    const index = seen.push("") - 1;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      seen[index] += chunk.toString("latin1");
      onData(socket, seen[index] ?? "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?x=1`, seen };
}

async function startHttp(handle: RequestListener): Promise<string> {
  const server = createHttpServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A server that answers every whole request with these bytes. */
const startAnswering = (answer: string | Buffer, end = true) =>
  startRaw((socket, received) => {
    if (!received.endsWith("{}")) return;
    if (end) socket.end(answer);
    else socket.write(answer);
  });

function post(url: string, more: Partial<PostRequest> = {}) {
  const poster = createPoster();
  onTestFinished(() => poster[Symbol.asyncDispose]());
  return poster.post({ url, headers: [], body: Buffer.from("{}"), timeoutMs: 5_000, ...more });
}

it("sends bytes and headers unchanged, in order, except those of the connection", async () => {
  const { url, seen } = await startAnswering("HTTP/1.1 204 No Content\r\n\r\n");
  const headers: HeaderPair[] = [
    ["Host", "public.example"],
    ["X-Bluum-Signature", "sha256=00"],
    ["x-b", "\u00e4"],
    ["X-A", "1"],
    ["X-A", "2"],
    ["Connection", "keep-alive, X-Hop"],
    ["X-Hop", "gone"],
    ["Transfer-Encoding", "chunked"],
    ["Content-Length", "99"],
    ["Expect", "100-continue"],
  ];
  expect(await post(url, { headers })).toMatchObject({ kind: "answered", status: 204 });
  const [head = "", body] = (seen[0] ?? "").split("\r\n\r\n");
  const [line, ...lines] = head.split("\r\n");
  expect(line).toBe("POST /hooks?x=1 HTTP/1.1");
  expect(lines.filter((each) => /^x/i.test(each))).toEqual([
    "X-Bluum-Signature: sha256=00",
    "x-b: \u00e4",
    "X-A: 1",
    "X-A: 2",
  ]);
  expect(lines.map((each) => each.toLowerCase())).toContain(`host: ${new URL(url).host}`);
  expect(lines.map((each) => each.toLowerCase())).toContain("content-length: 2");
  expect(head).not.toMatch(/gone|expect|public\.example|transfer/i);
  expect(body).toBe("{}");
});

it.each([
  ["200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", { status: 200, bodyBytes: 2 }],
  ["204", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, bodyBytes: 0 }],
  [
    "a redirect, which is not followed",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    { status: 302 },
  ],
  ["HTTP/1.0, ended by closing", "HTTP/1.0 200 OK\r\n\r\nold", { status: 200, bodyBytes: 3 }],
  [
    "an interim answer first",
    "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
    { status: 201 },
  ],
  [
    "chunks",
    "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    { status: 500, bodyBytes: 2 },
  ],
  [
    "bytes that are no text",
    Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe", "latin1"),
    { status: 200, body: Buffer.from([0xff, 0xfe]) },
  ],
])("reports %s", async (_name, answer, expected) => {
  const { url } = await startAnswering(answer);
  expect(await post(url)).toMatchObject({ kind: "answered", ...expected });
});

it.each([
  ["a connection closed without an answer", "", "broken"],
  ["an answer that breaks off", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "broken"],
  ["chunks that break off", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha", "broken"],
  ["bytes that are not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "garbage"],
  ["headers without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, "garbage"],
  ["a status below 100", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n", "garbage"],
  ["a switch of protocols", "HTTP/1.1 101 X\r\n\r\n", "garbage"],
  ["an upgrade", "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "garbage"],
])("%s is a failure", async (_name, answer, reason) => {
  const { url } = await startAnswering(answer);
  const outcome = await post(url);
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(outcome).not.toMatchObject({ message: expect.stringContaining("assert") as string });
});

it("distinguishes a reset, a closed port and an unknown name", async () => {
  const { url } = await startRaw((socket) => void socket.resetAndDestroy());
  expect(await post(url)).toMatchObject({ reason: "broken", message: "the connection was reset" });
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ reason: "refused" });
  expect(await post("not a url")).toMatchObject({ reason: "unsendable" });
  expect(await post(url, { headers: [["X", "a\r\nB: c"]] })).toMatchObject({ reason: "unsendable" });
});

it.each([
  ["no answer at all", ""],
  ["an answer that drips", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nd"],
])("%s ends at the deadline", async (_name, answer) => {
  const { url } = await startAnswering(answer, false);
  const outcome = await post(url, { timeoutMs: 50 });
  expect(outcome).toMatchObject({ kind: "failed", reason: "timeout" });
  expect(outcome.durationMs).toBeGreaterThanOrEqual(49);
});

it("is canceled by its signal, before and during", async () => {
  const stop = new AbortController();
  const { url } = await startRaw(() => stop.abort());
  expect(await post(url, { signal: stop.signal, timeoutMs: Infinity })).toMatchObject({ reason: "stopped" });
  expect(await post(url, { signal: stop.signal })).toMatchObject({ reason: "stopped" });
});

it("is canceled with its poster: in progress, waiting for a connection, and from then on", async () => {
  const poster = createPoster({ connections: 1 });
  const request = { headers: [], body: Buffer.from("{}"), timeoutMs: Infinity };
  const { url } = await startRaw(() => void poster[Symbol.asyncDispose]());
  const both = [poster.post({ ...request, url }), poster.post({ ...request, url })];
  const given = { kind: "failed", reason: "stopped", message: "canceled" };
  expect(await Promise.all(both)).toMatchObject([given, given]);
  expect(await poster.post({ ...request, url })).toMatchObject(given);
});

it("keeps the beginning of a huge response, and counts what it read", async () => {
  const url = await startHttp((_request, response) => response.end(Buffer.alloc(300_000, "a")));
  const outcome = await post(url);
  expect(outcome).toMatchObject({ kind: "answered", status: 200, bodyBytes: 300_000 });
  expect(outcome.kind === "answered" && outcome.body.length).toBe(KEPT_ANSWER_BYTES);
});

it("an endless response is cut off and counts", async () => {
  const url = await startHttp((_request, response) => {
    const write = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1_000_000))) {}
    };
    response.on("drain", write);
    write();
  });
  expect(await post(url)).toMatchObject({ kind: "answered", status: 200 });
});

it("an encoded body stays encoded", async () => {
  const body = gzipSync("hello");
  const url = await startHttp((_request, response) => response.setHeader("content-encoding", "gzip").end(body));
  expect(await post(url)).toMatchObject({
    body,
    headers: expect.arrayContaining([["content-encoding", "gzip"]]) as unknown,
  });
});

it("reuses a connection only if the server promises to keep it", async () => {
  const poster = createPoster();
  onTestFinished(() => poster[Symbol.asyncDispose]());
  const connections = { promising: new Set<Socket>(), silent: new Set<Socket>() };
  const promising = await startHttp((request, response) => {
    connections.promising.add(request.socket);
    response.end();
  });
  const silent = await startHttp((request, response) => {
    connections.silent.add(request.socket);
    response.shouldKeepAlive = request.headers.connection !== "close";
    response.setHeader("connection", response.shouldKeepAlive ? "keep-alive" : "close").end();
  });
  for (const url of [promising, silent]) {
    for (let turn = 0; turn < 12; turn += 1) {
      const outcome = await poster.post({ url, headers: [], body: Buffer.from("{}"), timeoutMs: 5_000 });
      expect(outcome).toMatchObject({ status: 200 });
    }
  }
  expect(connections.promising.size).toBeLessThanOrEqual(2);
  expect(connections.silent.size).toBeGreaterThanOrEqual(11);
});
