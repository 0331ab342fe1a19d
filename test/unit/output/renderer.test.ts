import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Fact } from "../../../src/core/facts.ts";
import { AT, delivery, FILLED, startRenderer } from "./samples.ts";

const arrived: Fact = { type: "delivery", at: AT, delivery: delivery() };
const answered: Fact = { type: "answer", at: AT, deliveryId: "dlv_1", status: 200, durationMs: 4 };
const forward = {
  type: "forward",
  at: AT,
  deliveryId: "dlv_1",
  event: "order.filled",
  resourceId: "ord_1",
  cause: "live",
  url: "http://127.0.0.1:3000/hooks",
} as const;
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

describe("the renderer for people", () => {
  it("holds a delivery until its answer is known, and tells both on one line", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    expect(stdout.text()).toBe("");
    renderer.fact(answered);
    expect(stdout.text()).toMatch(/^.*order\.filled.* 200 +4 ms\n$/);
  });

  it("tells a delivery as pending after 100 ms, and its answer when it comes", async () => {
    const { renderer, stdout, clock } = startRenderer();
    renderer.fact(arrived);
    await clock.advance(99);
    expect(stdout.text()).toBe("");
    await clock.advance(1);
    expect(stdout.text()).toMatch(/^.*order\.filled.*…\n$/);
    renderer.fact(answered);
    expect(stdout.writes).toHaveLength(2);
    expect(stdout.writes[1]).toMatch(/answered 200 after 4 ms {2}order\.filled ord_x9y8z7a6b5c4d3e2\n$/);
  });

  it("waits 100 ms for each delivery, not for the first one only", async () => {
    const { renderer, stdout, clock } = startRenderer();
    renderer.fact(arrived);
    await clock.advance(60);
    renderer.fact({ ...arrived, delivery: delivery(FILLED, { id: "dlv_2" }) });
    await clock.advance(40);
    expect(stdout.writes).toHaveLength(1);
    await clock.advance(60);
    expect(stdout.writes).toHaveLength(2);
  });

  it("prints what it held when it is closed, once", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.close();
    renderer.close();
    expect(stdout.text().split("\n")).toHaveLength(2);
  });

  it("tells a failed attempt to forward below the delivery's line", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact({
      ...forward,
      error: "nothing listens there",
      durationMs: 1,
    });
    renderer.fact({ ...answered, status: 502 });
    expect(stdout.text()).toMatch(/502 .*\n {10}↳ app: nothing listens there after 1 ms\n$/);
  });

  it("tells the app's answer as the sender's while the sender waits for it", () => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact({ ...forward, status: 500, durationMs: 12 });
    renderer.fact({ ...answered, status: 500, durationMs: 13 });
    expect(stdout.text().split("\n")).toHaveLength(2);
    expect(stdout.text()).toMatch(/500 +13 ms\n$/);
  });

  it.each([
    ["live", { status: 200 }, /↳ app 200 after 12 ms {2}order\.filled ord_1\n$/],
    ["live", { error: "nothing listens there" }, /↳ app: nothing listens there after 12 ms {2}order\.filled ord_1\n$/],
    ["catch-up", { status: 204 }, /↳ catch-up 204 after 12 ms {2}order\.filled ord_1\n$/],
    ["replay", { status: 200 }, /↳ replay 200 after 12 ms {2}order\.filled ord_1\n$/],
  ] as const)("tells by itself what the app made of a delivery that was answered before: %s", (cause, end, line) => {
    const { renderer, stdout } = startRenderer();
    renderer.fact(arrived);
    renderer.fact(answered);
    renderer.fact({ ...forward, ...end, cause, durationMs: 12 });
    expect(stdout.text()).toMatch(line);
  });

  it("neither loses nor garbles a line of a burst of 1,000 deliveries", () => {
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

  it("keeps the conversation on stderr, and deliveries on stdout", () => {
    const { renderer, stdout, stderr } = startRenderer();
    renderer.fact(ready);
    expect(stdout.text()).toBe("");
    expect(stderr.text()).toContain("https://abc.example/hooks\n               → http://127.0.0.1:4600/hooks\n");
    expect(stderr.text()).toContain("Ctrl-C to stop and put the webhook back");
  });

  it("does not promise to put a webhook back that it has not touched", () => {
    const { renderer, stderr } = startRenderer();
    renderer.fact({ ...ready, webhookId: null });
    expect(stderr.text()).not.toContain("put the webhook back");
  });

  it("breaks what is wider than the terminal between words, and leaves a pipe alone", () => {
    const message = "what arrives is safe, but cannot be shown or listed yet";
    const told = (columns?: number) => {
      const { renderer, stderr } = startRenderer({}, columns);
      renderer.fact({ type: "warning", at: AT, code: "store_unavailable", message });
      return stderr.text();
    };
    expect(told(40)).toBe("! what arrives is safe, but cannot be\n  shown or listed yet\n");
    expect(told()).toBe(`! ${message}\n`);
  });

  it("says only what matters with --quiet", () => {
    const { renderer, stdout, stderr } = startRenderer({ quiet: true });
    renderer.fact(ready);
    renderer.fact({ type: "warning", at: AT, code: "recovered", message: "mind this", hint: "do that" });
    renderer.fact(arrived);
    renderer.fact(answered);
    expect(stderr.text()).toBe("! mind this\n  next: do that\n");
    expect(stdout.text()).toContain("order.filled");
  });

  it("shows headers and the pretty payload with --verbose, and masks what opens something", () => {
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

  it("shows what is no text as hex with --verbose, and says what encoded it", () => {
    const { renderer, stdout } = startRenderer({ verbose: true });
    const body = gzipSync(FILLED);
    const headers = [["Content-Encoding", "gzip"]] as const;
    renderer.fact({ ...arrived, delivery: delivery(body, { headers }) });
    renderer.fact(answered);
    expect(stdout.text()).toContain(`  (binary, ${body.length} bytes)\n  1f 8b 08`);
    expect(stdout.text()).toContain("(gzip; decoded by: bluum-hooks events show dlv_1)");
    expect(stdout.text()).not.toContain("\ufffd");
  });

  it("survives a payload that is nested too deeply to be shown pretty", () => {
    const { renderer, stdout } = startRenderer({ verbose: true });
    renderer.fact({ ...arrived, delivery: delivery(Buffer.from("[".repeat(90_000) + "]".repeat(90_000))) });
    renderer.fact(answered);
    expect(stdout.text()).toContain("… (180000 bytes)");
  });

  it("writes no escape without colour, and some with it", () => {
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
      refused: 0,
    };
    renderer.fact(ready);
    renderer.fact({ type: "stopped", at: AT, reason: "count", summary: { ...counts, medianMs: 4, p95Ms: 1500 } });
    expect(stderr.text()).toContain("3 received · 2 distinct · 1 duplicate · 1 with a bad signature\n");
    expect(stderr.text()).toContain("answered in 4 ms (median), 1.5 s (p95)");
  });

  it.each([
    [1, 0, "1 retry"],
    [2, 1, "2 retries · 1 duplicate"],
    [0, 2, "2 duplicates"],
  ])("tells %i retries and %i duplicates apart", (retries, duplicates, words) => {
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
      refused: 0,
      medianMs: null,
      p95Ms: null,
    };
    renderer.fact(ready);
    renderer.fact({ type: "stopped", at: AT, reason: "count", summary: { ...counts, retries, duplicates } });
    expect(stderr.text()).toContain(`${received} received · 6 distinct · ${words}\n`);
  });

  it("says nothing of a session that was never ready: the error that ended it says it all", () => {
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
      refused: 0,
    };
    renderer.fact({ type: "stopped", at: AT, reason: "x", summary: { ...counts, medianMs: null, p95Ms: null } });
    expect(stderr.text()).toBe("");
  });
});

describe("the renderer for programs", () => {
  it("writes each fact as one line of JSON on stdout, and nothing on stderr", () => {
    const { renderer, stdout, stderr } = startRenderer({ json: true, quiet: true });
    for (const fact of [ready, arrived, answered]) renderer.fact(fact);
    renderer.close();
    const types = stdout.writes.map((line) => JSON.parse(line).type as string);
    expect(types).toStrictEqual(["ready", "delivery", "answer"]);
    expect(stderr.text()).toBe("");
  });
});
