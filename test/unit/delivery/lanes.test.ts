import { expect, it } from "vitest";
import { Lanes } from "../../../src/delivery/lanes.ts";

/** Jobs that end when they are told to, and what has begun and ended so far. */
function rig(concurrency: number) {
  const lanes = new Lanes(concurrency);
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (lane: string | null, name: string) =>
    lanes.run(lane, async () => {
      log.push(`> ${name}`);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      log.push(`< ${name}`);
      return name;
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { lanes, run, end, log };
}

it("a job whose turn it is begins before `run` returns, and gives its result", async () => {
  const { run, end, log } = rig(1);
  const first = run("a", "first");
  expect(log).toEqual(["> first"]);
  await end("first");
  expect(await first).toBe("first");
});

it("one lane is in order, and does not hold up another", async () => {
  const { run, end, log } = rig(10);
  for (const [lane, name] of [
    ["a", "a1"],
    ["a", "a2"],
    ["b", "b1"],
    [null, "none"],
  ] as const) {
    void run(lane, name);
  }
  expect(log).toEqual(["> a1", "> b1", "> none"]);
  await end("b1");
  await end("a1");
  expect(log.slice(3)).toEqual(["< b1", "< a1", "> a2"]);
});

it("no more run at a time than may; the others follow in the order they came", async () => {
  const { run, end, log } = rig(2);
  for (const name of ["1", "2", "3", "4"]) void run(null, name);
  expect(log).toEqual(["> 1", "> 2"]);
  await end("2");
  await end("1");
  expect(log.slice(2)).toEqual(["< 2", "> 3", "< 1", "> 4"]);
});

it("is idle once nothing runs and nothing waits", async () => {
  const { lanes, run, end, log } = rig(1);
  await lanes.idle();
  void run("a", "first");
  void run("a", "second");
  void lanes.idle().then(() => log.push("idle"));
  await end("first");
  await end("second");
  expect(log).toEqual(["> first", "< first", "> second", "< second", "idle"]);
});
