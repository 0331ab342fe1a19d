import { Writable } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import type { Output } from "../../../src/platform/outlet.ts";
import { createSinks } from "../../../src/platform/sinks.ts";

afterEach(() => {
  vi.useRealTimers();
});

const MB = 1024 * 1024;

/** A pipe that is read only after `read` is called. */
function start() {
  let text = "";
  let isRead = false;
  let waiting = () => {};
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      waiting = () => {
        text += chunk;
        done();
      };
      if (isRead) waiting();
    },
  });
  const read = () => {
    isRead = true;
    waiting();
  };
  const describe = (lines: number) => `${lines} dropped\n`;
  const [sink] = createSinks([stream as unknown as Output], process.platform, [describe]);
  if (sink === undefined) throw new Error("there is a sink for each stream");
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { sink, read, turn, text: () => text };
}

it("a slow reader gets everything, and a continuous writer can wait for it", async () => {
  const { sink, read, turn, text } = start();
  const line = `${"x".repeat(MB - 1)}\n`;
  for (let at = 0; at < 20; at += 1) sink.write(line);
  await turn();
  sink.write("last\n");
  expect(sink.backlog.isFull).toBe(true);
  const drained = sink.backlog.drain();
  read();
  await drained;
  expect(sink.backlog.isFull).toBe(false);
  expect(text()).toHaveLength(20 * MB + 5);
});

it("if output is not read for long and too much is buffered, lines are dropped, and their number replaces them", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { sink, read, turn, text } = start();
  sink.write(`${"x".repeat(17 * MB)}\n`);
  await turn();
  sink.write("kept\n");
  await turn();
  vi.advanceTimersByTime(11_000);
  sink.write("one\ntwo\n");
  sink.write("three\n");
  read();
  await sink.backlog.flushed(new AbortController().signal);
  sink.write("after\n");
  await sink.backlog.flushed(new AbortController().signal);
  expect(text().slice(17 * MB)).toBe("\nkept\n3 dropped\nafter\n");
});

it("a wait for the reader ends with the signal", async () => {
  const { sink, turn } = start();
  sink.write("x".repeat(MB));
  await turn();
  const stop = new AbortController();
  const drained = sink.backlog.drain(stop.signal);
  stop.abort();
  await drained;
  expect(sink.backlog.isFull).toBe(true);
});

it("a requested end does not wait for a reader that consumes nothing", { timeout: 20_000 }, async () => {
  const { sink } = start();
  sink.write("nobody reads this\n");
  await expect(sink.backlog.flushed(AbortSignal.abort())).resolves.toBeUndefined();
});
