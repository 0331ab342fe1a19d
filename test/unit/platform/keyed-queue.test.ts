import { expect, it } from "vitest";
import { KeyedQueue } from "../../../src/platform/keyed-queue.ts";

/** Jobs that end on request, and a log of which have started and ended. */
function rig(concurrency: number) {
  const queue = new KeyedQueue(concurrency);
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (key: string | null, name: string) =>
    queue.run(key, async () => {
      log.push(`> ${name}`);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      log.push(`< ${name}`);
      return name;
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, run, end, log };
}

it("a job that need not wait starts before `run` returns, and its result is returned", async () => {
  const { run, end, log } = rig(1);
  const first = run("a", "first");
  expect(log).toEqual(["> first"]);
  await end("first");
  expect(await first).toBe("first");
});

it("jobs of one key run in order, and do not delay another key", async () => {
  const { run, end, log } = rig(10);
  for (const [key, name] of [
    ["a", "a1"],
    ["a", "a2"],
    ["b", "b1"],
    [null, "none"],
  ] as const) {
    void run(key, name);
  }
  expect(log).toEqual(["> a1", "> b1", "> none"]);
  await end("b1");
  await end("a1");
  expect(log.slice(3)).toEqual(["< b1", "< a1", "> a2"]);
});

it("no more jobs run than the concurrency limit allows; the others follow in order of arrival", async () => {
  const { run, end, log } = rig(2);
  for (const name of ["1", "2", "3", "4"]) void run(null, name);
  expect(log).toEqual(["> 1", "> 2"]);
  await end("2");
  await end("1");
  expect(log.slice(2)).toEqual(["< 2", "> 3", "< 1", "> 4"]);
});

it("is idle once nothing runs and nothing waits", async () => {
  const { queue, run, end, log } = rig(1);
  await queue.idle();
  void run("a", "first");
  void run("a", "second");
  void queue.idle().then(() => log.push("idle"));
  await end("first");
  await end("second");
  expect(log).toEqual(["> first", "< first", "> second", "< second", "idle"]);
});

it("a job that fails rejects for its caller, and the next of its key runs", async () => {
  const queue = new KeyedQueue(1);
  const failed = queue.run("a", () => Promise.reject(new Error("no")));
  const next = queue.run("a", () => Promise.resolve("next"));
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("next");
  await queue.idle();
});
