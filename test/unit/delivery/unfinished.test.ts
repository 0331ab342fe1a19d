import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { RefusedRequest } from "../../../src/core/facts.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import type { UnfinishedLimits } from "../../../src/delivery/connections.ts";
import { startReceiver, type Receiver } from "../../../src/delivery/receiver.ts";
import { Gate } from "../../support/fault-proxy.ts";
import { exchange, post } from "../../support/raw-http.ts";

const HEAD = "POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n";

const CRLF = Buffer.from("\r\n");

async function start(limits: Partial<UnfinishedLimits>, reply: (body: Buffer) => Promise<void> = async () => {}) {
  const refused: RefusedRequest[] = [];
  const receiver = await startReceiver({
    port: 0,
    orNext: false,
    path: "/webhooks/bluum",
    maxBodyBytes: 1024 * 1024,
    limits,
    clock: systemClock,
    handle: async ({ body }, answer) => {
      await reply(body);
      return answer({ status: 200 });
    },
    onRefused: (request) => refused.push(request),
  });
  onTestFinished(() => receiver[Symbol.asyncDispose]());
  return { receiver, refused };
}

/** A connection on which a request has begun. `answer` is everything received, once it is closed. */
async function begin({ port }: Receiver, bytes: string | Buffer): Promise<Socket & { answer: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  const answer = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  await once(socket, "connect");
  socket.write(bytes);
  return Object.assign(socket, { answer });
}

it("of too many unfinished requests the oldest are closed with 408, and a whole one is answered", async () => {
  const { receiver, refused } = await start({ maxUnfinished: 2, settlingMs: 0 });
  const first = await begin(receiver, `${HEAD}{`);
  const second = await begin(receiver, "POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\n");
  const others = [await begin(receiver, HEAD), await begin(receiver, "")];
  expect(await exchange(receiver.port, [post("{}")])).toEqual([200]);
  expect(await first.answer).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\nContent-Length: 0\r\n\r\n$/);
  expect(await second.answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(others.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  expect(refused.map(({ status }) => status)).toEqual([408, 408]);
});

it("of too many bytes in unfinished requests the oldest are dropped first", async () => {
  const { receiver } = await start({ maxBytes: 1024 * 1024 });
  const part = Buffer.alloc(400_000, 0x20);
  const first = await begin(receiver, Buffer.concat([Buffer.from(HEAD), part]));
  const second = await begin(receiver, Buffer.concat([Buffer.from(HEAD), part]));
  const third = await begin(receiver, Buffer.concat([Buffer.from(HEAD), part]));
  await first.answer;
  expect([second.destroyed, third.destroyed]).toEqual([false, false]);
});

it("a body in pieces of any size is received as sent", async () => {
  const bodies: Buffer[] = [];
  const { receiver } = await start({}, async (body) => void bodies.push(body));
  const sizes = [1, 1, 5_000, 1, 2_047, 2_048, 3, 40_000, 1, ...Array.from({ length: 9_000 }, () => 1)];
  const body = Buffer.from(Array.from({ length: sizes.reduce((sum, size) => sum + size) }, (_, at) => at % 251));
  const head = `POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const sender = await begin(receiver, head);
  let at = 0;
  for (const size of sizes) {
    sender.write(Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), body.subarray(at, (at += size)), CRLF]));
  }
  sender.write("0\r\n\r\n");
  await once(sender, "data");
  expect(bodies[0]?.equals(body)).toBe(true);
});

it("a body below the minimum rate is aborted", async () => {
  const { receiver } = await start({ graceMs: 100, minBytesPerSecond: 10_000 });
  expect(await (await begin(receiver, `${HEAD}{`)).answer).toMatch(/^HTTP\/1\.1 408 /);
});

it("a sender that waits for a response is not closed for unfinished ones", async () => {
  const gate = new Gate();
  const limits = { maxUnfinished: 1, settlingMs: 0, maxConnections: 4, graceMs: 100, minBytesPerSecond: 10_000 };
  const { receiver } = await start(limits, () => gate.pass());
  const real = await begin(receiver, post("{}"));
  await gate.reached;
  const strangers = await Promise.all(Array.from({ length: 12 }, () => begin(receiver, HEAD)));
  await Promise.all(strangers.map(({ answer }) => answer));
  const answered = once(real, "data");
  gate.open();
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 /);
});

it("at the maximum number of connections, idle ones are closed too", async () => {
  const { receiver } = await start({ maxConnections: 4 });
  const idle = await begin(receiver, post("{}"));
  await once(idle, "data");
  for (let at = 0; at < 8; at += 1) {
    const next = await begin(receiver, post("{}"));
    await once(next, "data");
  }
  await idle.answer;
  expect(await exchange(receiver.port, [post("{}")])).toEqual([200]);
});

it("no response to an unknown client reveals what is expected, and the path is reported without its query, cut", async () => {
  const { receiver, refused } = await start({});
  const long = `/${"x".repeat(1_000)}`;
  const answers = [];
  for (const [line, more] of [
    ["POST /webhook?token=secret HTTP/1.1", "Content-Length: 2\r\n\r\n{}"],
    ["GET /webhooks/bluum HTTP/1.1", "\r\n"],
    [`GET ${long} HTTP/1.1`, "\r\n"],
    ["GET /.well-known/security.txt HTTP/1.1", "\r\n"],
    ["POST /webhooks/bluum HTTP/1.1", "Content-Length: 9000000\r\n\r\n"],
  ]) {
    answers.push(await (await begin(receiver, `${line}\r\nHost: x\r\n${more}`)).answer);
  }
  for (const answer of answers) {
    expect(answer).toMatch(
      /^HTTP\/1\.1 4\d\d .*\r\n(allow: POST\r\n)?content-length: 0\r\n.*\r\nConnection: close\r\n\r\n$/,
    );
    expect(answer).not.toMatch(/bluum|webhook|path|bytes|node/i);
  }
  expect(refused).toEqual([
    { status: 404, method: "POST", path: "/webhook", bytes: 2 },
    { status: 405, method: "GET", path: "/webhooks/bluum", bytes: null },
    { status: 404, method: "GET", path: long.slice(0, 200), bytes: null },
    { status: 404, method: "GET", path: "/.well-known/security.txt", bytes: null },
    { status: 413, method: "POST", path: "/webhooks/bluum", bytes: 9_000_000 },
  ]);
});
