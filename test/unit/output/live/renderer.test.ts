import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Fact } from "../../../../src/core/facts.ts";
import type { HeaderPair } from "../../../../src/core/delivery.ts";
import type { Renderer } from "../../../../src/output/live/sink.ts";
import { AT, delivery, FILLED, forwarded, startRenderer, type MemorySink } from "../samples.ts";

const arrived: Fact = { type: "delivery", at: AT, delivery: delivery() };
const answered: Fact = { type: "answer", at: AT, deliveryId: "dlv_1", status: 200, durationMs: 4 };
const ready: Fact = {
  type: "ready",
  at: AT,
  environment: "sandbox",
  webhookId: "wh_1",
  publicUrl: "https://abc.example/hooks",
  localUrl: "http://127.0.0.1:4600/hooks",
  forwardUrl: "http://127.0.0.1:3000/hooks",
  events: ["order.*"],
};

/** The lines below a delivery that the app answers 422. */
function noteOf(renderer: Renderer, stdout: MemorySink, body: Buffer, headers: HeaderPair[]): string | undefined {
  const fact = forwarded(422, { headers });
  const outcome = { ...fact.outcome, body, bodyBytes: body.length } as typeof fact.outcome;
  renderer.fact({ ...fact, cause: "replay", outcome });
  return stdout.text().trimEnd().split("\n").at(-1);
}

describe("the renderer for text", () => {
  it("holds a delivery until its answer is known, and prints both on one line", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    expect(stdout.text()).toBe("");
    renderer.fact(answered);
    expect(stdout.text()).toMatch(/^.*order\.filled.* 200 +4 ms\n$/);
  });

  it("prints a delivery as pending after 100 ms, and its answer later", async () => {
    const { renderer, stdout, clock } = startRenderer();
    renderer.fact(arrived);
    await clock.advance(99);
    expect(stdout.text()).toBe("");
    await clock.advance(1);
    expect(stdout.text()).toMatch(/^.*order\.filled.*…\n$/);
    renderer.fact(answered);
    expect(stdout.writes).toHaveLength(2);
    expect(stdout.writes[1]).toMatch(/ order\.filled +ord_x9y8z7a6b5c4d3e2 +answered {2}✓ 200   4 ms\n$/);
  });

  it("waits 100 ms for each delivery, not only for the first one", async () => {
    const { renderer, stdout, clock } = startRenderer();
    renderer.fact(arrived);
    await clock.advance(60);
    renderer.fact({ ...arrived, delivery: delivery(FILLED, { id: "dlv_2" }) });
    await clock.advance(40);
    expect(stdout.writes).toHaveLength(1);
    await clock.advance(60);
    expect(stdout.writes).toHaveLength(2);
  });

  it("prints held lines once when it is closed", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.close();
    renderer.close();
    expect(stdout.text().split("\n")).toHaveLength(2);
  });

  it("prints below a failure why the app failed", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact(forwarded("connection refused"));
    renderer.fact({ ...answered, status: 502 });
    expect(stdout.text()).toMatch(/ ✗ 502 .*\n {10}↳ app: connection refused after 12 ms\n$/);
  });

  it.each<[string, string, HeaderPair[], string]>([
    ["text", "TypeError: x is not a function\n    at handler", [], "TypeError: x is not a function at handler"],
    ["JSON", '{"error": "no such\u001b[31m order"}', [], '{"error": "no such order"}'],
    [
      "a page",
      "<!DOCTYPE html><html><head><title>Error</title><style>p{}</style></head><body><pre>Error: a &lt; b<br> &nbsp; at f</pre></body></html>",
      [["Content-Type", "text/html"]],
      "Error: a < b at f",
    ],
    ["much", "x".repeat(1_000), [], `${"x".repeat(300)}…`],
    ["control characters", "a\u001b]0;owned\u0007b\u202e", [], "ab"],
  ])("quotes the beginning of the app's response to a failure: %s", (_kind, body, headers, quoted) => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact(forwarded(500, { body, headers }));
    renderer.fact({ ...answered, status: 500, durationMs: 13 });
    const [, note] = stdout.text().split("\n");
    expect(note).toBe(`          ↳ app: ${quoted}`);
  });

  it("quotes decompressed text, and no binary data", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    const note = noteOf(renderer, stdout, gzipSync("out of stock"), [["Content-Encoding", "gzip"]]);
    expect(note).toBe("          ↳ app: out of stock");
    expect(noteOf(renderer, stdout, Buffer.from([0xff, 0x00, 0xfe]), [])).toBe(
      "          ↳ app: 422 Unprocessable Entity",
    );
  });

  it("names the target of a redirect", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    const headers: HeaderPair[] = [["Location", "/webhooks/bluum/"]];
    renderer.fact(forwarded(308, { body: "moved", headers }));
    renderer.fact({ ...answered, status: 308 });
    expect(stdout.text().split("\n")[1]).toBe(
      "          ↳ app: 308 Permanent Redirect to http://127.0.0.1:3000/webhooks/bluum/",
    );
  });

  it("cuts it to the width of a terminal", () => {
    const { renderer, stdout } = startRenderer({}, 60);
    renderer.fact(arrived);
    renderer.fact(forwarded(500, { body: "word ".repeat(50) }));
    renderer.fact({ ...answered, status: 500 });
    for (const line of stdout.text().split("\n")) expect(line.length).toBeLessThanOrEqual(60);
  });

  it("continues on a second line what the app answered, and says its status if the line shows another", () => {
    const { renderer, stdout } = startRenderer({}, 80);
    renderer.fact(arrived);
    renderer.fact(forwarded(500, { body: "TypeError: Cannot read properties of undefined (reading 'quantity')" }));
    renderer.fact(answered);
    const [line, ...note] = stdout.text().trimEnd().split("\n");
    expect(line).toContain("✓ 200");
    expect(note).toEqual([
      "          ↳ app: 500 Internal Server Error: TypeError: Cannot read properties of",
      "            undefined (reading 'quantity')",
    ]);
  });

  it("prints only the answer to the sender if an app accepts a delivery", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact(forwarded(200, { body: "thanks" }));
    renderer.fact(answered);
    expect(stdout.text()).toMatch(/^.* ✓ 200 +4 ms\n$/);
  });

  it("prints the app's response to a delivery whose sender did not wait", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact(forwarded(200));
    renderer.fact({ type: "answer", at: AT, deliveryId: "dlv_1", hungUpAfterMs: 5 });
    expect(stdout.text()).toMatch(/✗ hung up after 5 ms\n {10}↳ app: 200 OK after 12 ms\n$/);
  });

  it.each([
    ["live", 200, /  app {2}✓ 200  12 ms\n$/],
    ["live", "connection refused", /  app {2}✗ no answer  12 ms\n {10}↳ app: connection refused after 12 ms\n$/],
    ["catch-up", 204, /  catch-up {2}✓ 204  12 ms\n$/],
    ["replay", 500, /  replay {2}✗ 500  12 ms\n {10}↳ app: 500 Internal Server Error\n$/],
  ] as const)("prints a line for an attempt to forward an earlier delivery: %s, %s", (cause, end, line) => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact(answered);
    renderer.fact(forwarded(end, { cause }));
    expect(stdout.text()).toMatch(line);
  });

  it("on a terminal shows a pending delivery below the others, and prints its line once it is answered", async () => {
    const { renderer, stdout, clock } = startRenderer({}, 80);
    renderer.fact(arrived);
    await clock.advance(100);
    expect([stdout.text(), stdout.shown]).toEqual(["", expect.stringMatching(/order\.filled .*…$/)]);
    renderer.fact({ ...arrived, delivery: delivery(FILLED, { id: "dlv_2" }) });
    await clock.advance(100);
    expect(stdout.shown).toMatch(/… \+1$/);
    renderer.fact({ ...answered, deliveryId: "dlv_2" });
    expect(stdout.shown).toMatch(/…$/);
    renderer.fact(answered);
    expect(stdout.shown).toBe("");
    expect(stdout.text()).toMatch(/^.* ✓ 200   4 ms\n.* ✓ 200   4 ms\n$/);
  });

  it("on a terminal prints a delivery without its answer after a minute", async () => {
    const { renderer, stdout, clock } = startRenderer({}, 80);
    renderer.fact(arrived);
    await clock.advance(100);
    await clock.advance(60_000);
    expect([stdout.text(), stdout.shown]).toEqual([expect.stringMatching(/ …\n$/), ""]);
    renderer.fact(answered);
    expect(stdout.text()).toMatch(/ …\n.* answered {2}✓ 200   4 ms\n$/);
  });

  it("on a terminal prints pending deliveries once when it is closed", async () => {
    const { renderer, stdout, clock } = startRenderer({}, 80);
    renderer.fact(arrived);
    await clock.advance(100);
    renderer.close();
    renderer.close();
    expect([stdout.text(), stdout.shown]).toEqual([expect.stringMatching(/^.* …\n$/), ""]);
  });

  it("neither loses nor damages a line of a burst of 1,000 deliveries", () => {
    const { renderer, stdout } = startRenderer();
    const ids = Array.from({ length: 1_000 }, (_, index) => `ord_${index}`);
    for (const id of ids) {
      const fact = delivery(Buffer.from(JSON.stringify({ event: "order.filled", data: { id } })), { id });
      renderer.fact({ type: "delivery", at: AT, delivery: fact });
    }
    for (const deliveryId of ids.toReversed()) renderer.fact({ ...answered, deliveryId });
    const lines = stdout.text().trimEnd().split("\n");
    expect(lines.map((line) => line.split(/ {2,}/)[2])).toStrictEqual(ids.toReversed());
    expect(lines.filter((line) => !/ 200 {3}4 ms$/.test(line))).toStrictEqual([]);
  });

  it("prints messages on stderr, and deliveries on stdout", () => {
    const { renderer, stdout, stderr } = startRenderer();
    renderer.fact(ready);
    expect(stdout.text()).toBe("");
    expect(stderr.text()).toContain("https://abc.example/hooks\n               → http://127.0.0.1:4600/hooks\n");
    expect(stderr.text()).toContain("Press Ctrl-C to stop and restore the webhook");
  });

  it("does not promise to restore a webhook that it has not changed", () => {
    const { renderer, stderr } = startRenderer();
    renderer.fact({ ...ready, webhookId: null });
    renderer.fact({
      type: "registered",
      at: AT,
      webhookId: "wh_1",
      action: "created",
      url: "https://abc.example/hooks",
    });
    renderer.fact(ready);
    expect(stderr.text().match(/Press Ctrl-C to stop\n/g)).toHaveLength(2);
  });

  it("wraps text to the terminal's width between words, and not in a pipe", () => {
    const message = "new deliveries are stored, but cannot be shown or listed yet";
    const told = (columns?: number) => {
      const { renderer, stderr } = startRenderer({}, columns);
      renderer.fact({ type: "warning", at: AT, code: "store_unavailable", message });
      return stderr.text();
    };
    expect(told(40)).toBe("! new deliveries are stored, but cannot\n  be shown or listed yet\n");
    expect(told()).toBe(`! ${message}\n`);
  });

  it("prints only what is important with --quiet", () => {
    const { renderer, stdout, stderr } = startRenderer({ quiet: true });
    renderer.fact(ready);
    renderer.fact({ type: "warning", at: AT, code: "recovered", message: "mind this", hint: "do that" });
    renderer.fact(arrived);
    renderer.fact(answered);
    expect(stderr.text()).toBe("! mind this\n  next: do that\n");
    expect(stdout.text()).toContain("order.filled");
  });

  it("prints headers and the formatted payload with --verbose, and masks secrets", () => {
    const { renderer, stdout } = startRenderer({ verbose: true });
    const headers = [
      ["Authorization", "Basic c2VjcmV0"],
      ["X-Signature", "abc\x1b[2J"],
    ] as const;
    renderer.fact({ ...arrived, delivery: delivery(FILLED, { headers }) });
    renderer.fact(answered);
    expect(stdout.text()).toContain("  Authorization: ••••\n  X-Signature: abc\n");
    expect(stdout.text()).toContain('      "symbol": "AAPL",\n');
    expect(stdout.text()).not.toContain("c2VjcmV0");
  });

  it("prints the app's response with --verbose, and masks secrets", () => {
    const { renderer, stdout } = startRenderer({ verbose: true });
    renderer.fact(arrived);
    renderer.fact(
      forwarded(201, {
        body: '{"ok":true}',
        headers: [
          ["Set-Cookie", "s3cret"],
          ["X-App", "mine"],
        ],
      }),
    );
    renderer.fact(answered);
    expect(stdout.text()).toContain(
      '    201 Created\n    Set-Cookie: ••••\n    X-App: mine\n\n    {\n      "ok": true\n    }\n',
    );
    expect(stdout.text()).not.toContain("s3cret");
  });

  it("prints binary data as hex with --verbose, with its encoding", () => {
    const { renderer, stdout } = startRenderer({ verbose: true });
    const body = gzipSync(FILLED);
    const headers = [["Content-Encoding", "gzip"]] as const;
    renderer.fact({ ...arrived, delivery: delivery(body, { headers }) });
    renderer.fact(answered);
    expect(stdout.text()).toContain(`  (binary, ${body.length} bytes)\n  1f 8b 08`);
    expect(stdout.text()).toContain("(gzip; decoded by: bluum-hooks events show dlv_1)");
    expect(stdout.text()).not.toContain("\ufffd");
  });

  it("handles a payload that is nested too deeply to be formatted", () => {
    const { renderer, stdout } = startRenderer({ verbose: true });
    renderer.fact({ ...arrived, delivery: delivery(Buffer.from("[".repeat(90_000) + "]".repeat(90_000))) });
    renderer.fact(answered);
    expect(stdout.text()).toContain("… (180000 bytes)");
  });

  it("writes no escapes without colour, and some with it", () => {
    for (const color of [false, true]) {
      const { renderer, stdout, stderr } = startRenderer({ color }, 80);
      for (const fact of [ready, arrived, answered]) renderer.fact(fact);
      expect((stdout.text() + stderr.text()).includes("\x1b[")).toBe(color);
    }
  });

  it("summarises the session at its end", () => {
    const { renderer, stderr } = startRenderer();
    const counts = {
      received: 3,
      distinct: 2,
      retries: 0,
      duplicates: 1,
      badSignatures: 1,
      forwarded: 0,
      failed: 0,
      replays: 0,
      hungUp: 0,
      notStored: 0,
      refused: 0,
    };
    renderer.fact(ready);
    renderer.fact({ type: "stopped", at: AT, reason: "count", summary: { ...counts, medianMs: 4, p95Ms: 1500 } });
    expect(stderr.text()).toContain("Stopped: the number of deliveries was reached\n");
    expect(stderr.text()).toContain("3 received · 2 distinct · 1 duplicate · 1 with a bad signature\n");
    expect(stderr.text()).toContain("answered in 4 ms (median), 1.5 s (p95)");
  });

  it.each([
    [1, 0, "1 retry"],
    [2, 1, "2 retries · 1 duplicate"],
    [0, 2, "2 duplicates"],
  ])("shows %i retries and %i duplicates separately", (retries, duplicates, words) => {
    const { renderer, stderr } = startRenderer();
    const received = 6 + retries + duplicates;
    const counts = {
      received,
      distinct: 6,
      badSignatures: 0,
      forwarded: 0,
      failed: 0,
      replays: 0,
      hungUp: 0,
      notStored: 0,
      refused: 0,
      medianMs: null,
      p95Ms: null,
    };
    renderer.fact(ready);
    renderer.fact({ type: "stopped", at: AT, reason: "count", summary: { ...counts, retries, duplicates } });
    expect(stderr.text()).toContain(`${received} received · 6 distinct · ${words}\n`);
  });

  it("prints no summary for a session that was never ready", () => {
    const { renderer, stderr } = startRenderer();
    const counts = {
      received: 0,
      distinct: 0,
      retries: 0,
      duplicates: 0,
      badSignatures: 0,
      forwarded: 0,
      failed: 0,
      replays: 0,
      hungUp: 0,
      notStored: 0,
      refused: 0,
    };
    renderer.fact({ type: "stopped", at: AT, reason: "x", summary: { ...counts, medianMs: null, p95Ms: null } });
    expect(stderr.text()).toBe("");
  });
});

describe("the renderer for JSON", () => {
  it("writes each fact as one line of JSON on stdout, and nothing on stderr", () => {
    const { renderer, stdout, stderr } = startRenderer({ json: true, quiet: true });
    for (const fact of [ready, arrived, answered]) renderer.fact(fact);
    renderer.close();
    const types = stdout.writes.map((line) => JSON.parse(line).type as string);
    expect(types).toStrictEqual(["ready", "delivery", "answer"]);
    expect(stderr.text()).toBe("");
  });
});
