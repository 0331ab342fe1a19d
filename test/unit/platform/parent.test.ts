import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchParent, type StdinKind } from "../../../src/platform/parent.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** A process with a parent, and the reported end of the parent. */
function child(stdinKind: StdinKind, firstParent = 100) {
  let ppid = firstParent;
  const stdin = new PassThrough();
  const onGone = vi.fn<() => void>();
  const watch = watchParent({ stdin: stdin as unknown as NodeJS.ReadStream, stdinKind, ppid: () => ppid }, onGone);
  return {
    watch,
    stdin,
    onGone,
    die: () => void (ppid = 1),
    pass: () => vi.advanceTimersByTime(1_000),
    end: async () => {
      const ended = new Promise((resolve) => stdin.once("end", resolve));
      stdin.end("what was still written");
      await ended;
    },
  };
}

it.each(["pipe", "terminal"] as const)("the death of a parent is detected by its id, with a %s", (kind) => {
  const { die, pass, onGone } = child(kind);
  pass();
  expect(onGone).not.toHaveBeenCalled();
  die();
  pass();
  pass();
  expect(onGone).toHaveBeenCalledTimes(1);
});

it("the end of the pipe is detected, although the parent in between still lives", async () => {
  const { watch, end, onGone } = child("pipe");
  watch.arm();
  await end();
  expect(onGone).toHaveBeenCalledTimes(1);
});

it("a pipe that ends before the session is ready was never held open", async () => {
  const { watch, end, pass, onGone } = child("pipe");
  await end();
  watch.arm();
  pass();
  expect(onGone).not.toHaveBeenCalled();
});

it("a pipe that ends this early because the parent has died is detected", async () => {
  const { die, end, onGone } = child("pipe");
  die();
  await end();
  expect(onGone).toHaveBeenCalledTimes(1);
});

it("a program started in the background, or by the first process, is not monitored", () => {
  for (const { die, pass, onGone } of [child("detached"), child("pipe", 1), child("pipe", 0)]) {
    die();
    pass();
    expect(onGone).not.toHaveBeenCalled();
  }
});

it("nothing is detected after the end", async () => {
  const { watch, die, pass, onGone } = child("pipe");
  watch.arm();
  watch[Symbol.dispose]();
  die();
  pass();
  expect(onGone).not.toHaveBeenCalled();
});
