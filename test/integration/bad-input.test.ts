import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "../../src/core/facts.ts";
import { createRenderer } from "../../src/output/live/renderer.ts";
import { FactBus } from "../../src/delivery/bus.ts";
import { followFeed } from "../../src/delivery/follow-feed.ts";
import { createPipeline } from "../../src/delivery/pipeline.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { startReceiver, type Receiver } from "../../src/delivery/receiver.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { exchange, post } from "../support/raw-http.ts";

const MAX_BODY = 1024 * 1024;
let receiver: Receiver;
/** Has a very short timeout for incomplete requests. The other receivers give a busy machine enough time. */
let hasty: Receiver;
let store: Store;
let bus: FactBus;
let folder: string;
let printed = "";
const facts: Fact[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bluum-hooks-test-"));
  store = await openStore({ folder });
  bus = new FactBus(systemClock);
  const sink = { write: (text: string) => void (printed += text), isTTY: true, columns: 80 };
  const renderer = createRenderer({
    json: false,
    stdout: sink,
    stderr: sink,
    color: false,
    quiet: false,
    verbose: true,
    clock: systemClock,
  });
  bus.subscribe((fact) => renderer.fact(fact));
  bus.subscribe((fact) => facts.push(fact));
  const pipeline = createPipeline({
    log: store,
    bus,
    clock: systemClock,
    environment: "sandbox",
    secrets: () => ["secret"],
    requireSignature: false,
  });
  void followFeed(store.own, { onFact: (fact) => bus.publish(fact) });
  const options = {
    port: 0,
    orNext: false,
    path: "/webhooks/bluum",
    maxBodyBytes: MAX_BODY,
    clock: systemClock,
    handle: pipeline.handle.bind(pipeline),
  };
  receiver = await startReceiver({ ...options, headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 });
  hasty = await startReceiver({ ...options, headersTimeoutMs: 300, requestTimeoutMs: 600 });
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await hasty[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const nested = (depth: number) => `{"event":"x","data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
const chunked = (body: string) =>
  `POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
const headers = (count: number, size = 1) =>
  Array.from({ length: count }, (_, index) => `X-H${index}: ${"v".repeat(size)}`);
const esc = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e";

/** The request, the responses, and how many deliveries are stored. */
const ROWS: [name: string, pieces: (string | Buffer)[], statuses: number[], stored: number][] = [
  ["malformed JSON", [post("{")], [200], 1],
  ["an empty body", [post("")], [200], 1],
  ["white space", [post(" \r\n\t")], [200], 1],
  ["plain text", [post("hello", ["Content-Type: text/plain"])], [200], 1],
  ["a form", [post("a=1&b=2", ["Content-Type: application/x-www-form-urlencoded"])], [200], 1],
  ["binary", [post(Buffer.from([0, 255, 254, 128, 27, 7]))], [200], 1],
  ["a gzip body", [post(Buffer.from("1f8b0800000000000003", "hex"), ["Content-Encoding: gzip"])], [200], 1],
  ["a byte order mark", [post(`\ufeff{"event":"x"}`)], [200], 1],
  ["UTF-16", [post(Buffer.from('{"event":"x"}', "utf16le"))], [200], 1],
  ["10 MB", [post(Buffer.alloc(10 * 1024 * 1024, 0x20))], [413], 0],
  ["10 MB in chunks", [chunked(`A00000\r\n${" ".repeat(0xa00000)}\r\n0\r\n\r\n`)], [413], 0],
  ["exactly the limit", [post(Buffer.alloc(MAX_BODY, 0x20))], [200], 1],
  ["one byte over the limit", [post(Buffer.alloc(MAX_BODY + 1, 0x20))], [413], 0],
  ["another path", [post("{}", [], "POST / HTTP/1.1")], [404], 0],
  ["a longer path", [post("{}", [], "POST /webhooks/bluum/ HTTP/1.1")], [404], 0],
  ["a path with dots", [post("{}", [], "POST /webhooks/../webhooks/bluum HTTP/1.1")], [404], 0],
  ["a self-test nobody expects", [post("{}", [`Bluum-Hooks-Self-Test: ${"0".repeat(32)}`])], [200], 1],
  ["a query behind the path", [post("{}", [], "POST /webhooks/bluum?a=1 HTTP/1.1")], [200], 1],
  ["GET", [post("", [], "GET /webhooks/bluum HTTP/1.1")], [405], 0],
  ["PUT", [post("{}", [], "PUT /webhooks/bluum HTTP/1.1")], [405], 0],
  ["DELETE", [post("", [], "DELETE /webhooks/bluum HTTP/1.1")], [405], 0],
  ["OPTIONS", [post("", [], "OPTIONS /webhooks/bluum HTTP/1.1")], [405], 0],
  ["an unknown method", [post("", [], "STEAL /webhooks/bluum HTTP/1.1")], [400], 0],
  ["1,000 headers", [post("{}", headers(1000))], [200], 1],
  ["a header section over 64 KB", [post("{}", headers(10, 8000))], [431], 0],
  ["a header name with a space", [post("{}", ["Bad Name: x"])], [400], 0],
  ["a folded header", [post("{}", ["X-A: 1\r\n folded"])], [400], 0],
  ["a header in latin1", [post("{}", ["X-A: \u00e9\u00ff"])], [200], 1],
  ["a repeated header", [post("{}", ["X-A: 1", "X-A: 2"])], [200], 1],
  ["two content lengths", [post("{}", ["Content-Length: 1"])], [400], 0],
  ["a length and chunks at once", [post("0\r\n\r\n", ["Transfer-Encoding: chunked"])], [400], 0],
  ["a length that is no number", ["POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n"], [400], 0],
  ["a negative length", ["POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"], [400], 0],
  [
    "a length that is never delivered",
    ["POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{}"],
    [408],
    0,
  ],
  [
    "a length shorter than the body",
    ["POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}garbage\r\n\r\n"],
    [400],
    1,
  ],
  ["headers that never end", ["POST /webhooks/bluum HTTP/1.1\r\nHost: x\r\n"], [408], 0],
  ["chunks that are garbage", [chunked("zz\r\nhello\r\n")], [400], 0],
  ["a chunk longer than it says", [chunked("2\r\nhello\r\n0\r\n\r\n")], [400], 0],
  ["proper chunks", [chunked("1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")], [200], 1],
  ["pipelined requests", [Buffer.concat([post("{}"), post("[]"), post("3")])], [200, 200, 200], 3],
  ["no HTTP at all", ["\u0016\u0003\u0001hello\r\n\r\n"], [400], 0],
  ["no host header", ["POST /webhooks/bluum HTTP/1.1\r\nContent-Length: 0\r\n\r\n"], [400], 0],
  ["an expectation of 100-continue", [post("{}", ["Expect: 100-continue"])], [100, 200], 1],
  ["a wish to upgrade", [post("{}", ["Connection: Upgrade", "Upgrade: websocket"])], [200], 1],
  [
    "escape sequences in every field",
    [post(JSON.stringify({ event: esc, timestamp: esc, data: { id: esc, symbol: esc, side: esc } }))],
    [200],
    1,
  ],
  ["escape sequences in a header", [post("{}", ["X-Evil: a\u009b31m"])], [200], 1],
  ["escape sequences in the query", [post("{}", [], "POST /webhooks/bluum?\u009b2J HTTP/1.1")], [400], 0],
  [
    "__proto__ keys",
    [post('{"__proto__":{"event":"x"},"constructor":{"prototype":1},"data":{"__proto__":{"id":"y"}}}')],
    [200],
    1,
  ],
  ["nesting 100 deep", [post(nested(100))], [200], 1],
  ["nesting 100,000 deep", [post(nested(100_000))], [200], 1],
  ["huge numbers", [post(`{"event":"x","data":{"id":1e999,"n":${"9".repeat(5000)}}}`)], [200], 1],
  ["lone surrogates", [post('{"event":"\\ud800","timestamp":"\\udfff","data":{"id":"a\\ud800b"}}')], [200], 1],
  ["NUL characters", [post('{"event":"a\\u0000b","data":{"id":"\\u0000"},"timestamp":"t"}')], [200], 1],
  [
    "an event name of 100,000 characters",
    [post(JSON.stringify({ event: "e".repeat(100_000), data: { id: "i" } }))],
    [200],
    1,
  ],
  ["objects where text belongs", [post('{"event":{"a":1},"timestamp":[],"data":{"id":{}}}')], [200], 1],
  ["duplicate keys", [post('{"event":"a","event":"b","data":{"id":"1","id":"2"}}')], [200], 1],
];

/** Waits until everything stored has been reported. */
async function reported(): Promise<void> {
  await store.flush();
  await store.own.drained();
  await bus.flush();
}

describe("the listener answers", () => {
  it.each(ROWS)("%s", async (_name, pieces, statuses, stored) => {
    const before = facts.filter((fact) => fact.type === "delivery").length;
    const { port } = statuses.includes(408) ? hasty : receiver;
    expect(await exchange(port, pieces, statuses.filter((status) => status !== 100).length)).toEqual(statuses);
    // The response to a malformed request may come before the commit of an earlier delivery.
    await reported();
    expect(facts.filter((fact) => fact.type === "delivery").length - before).toBe(stored);
    // It still accepts the next request.
    expect(await exchange(receiver.port, [post('{"event":"still.there"}')])).toEqual([200]);
    await reported();
  });

  it("and the terminal never gets a control character from a sender", () => {
    expect(printed).toContain("still.there");
    // eslint-disable-next-line no-control-regex -- control characters are searched for
    expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});
