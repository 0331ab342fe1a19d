import { describe, expect, test } from "vitest";
import { Pace } from "../../../src/emulator/pace.ts";

describe("the emulator's pace", () => {
  test.each([
    [60_000, 60, 1_000],
    [60_000, 1, 60_000],
    [1_000, 0.5, 2_000],
    [28_800_000, 0.001, 28_800_000_000],
  ])("%i ms at speed %d last %i real ms", async (ms, speed, expected) => {
    const slept: number[] = [];
    const pace = new Pace({ now: () => 0, sleep: async (each) => void slept.push(each) }, speed);
    await pace.sleep(ms, new AbortController().signal);
    expect(slept).toEqual([expected]);
  });
});
