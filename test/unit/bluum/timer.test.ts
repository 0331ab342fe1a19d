import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { orAborted, startTimer } from "../../../src/bluum/timer.ts";

const runningTimeouts = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

describe("a timer", () => {
  it("that is disposed of keeps neither the process nor a listener", () => {
    const parent = new AbortController();
    const before = runningTimeouts();
    const timer = startTimer(parent.signal, 60_000);
    expect([runningTimeouts(), listeners(parent.signal)]).toEqual([before + 1, 1]);
    timer[Symbol.dispose]();
    expect([runningTimeouts(), listeners(parent.signal)]).toEqual([before, 0]);
  });

  it("knows its own end from its parent's", async () => {
    const parent = new AbortController();
    using short = startTimer(parent.signal, 1);
    using long = startTimer(parent.signal, 60_000);
    await expect.poll(() => short.signal.aborted).toBe(true);
    parent.abort("enough");
    using late = startTimer(parent.signal, 1);
    expect([short.ranOut, long.ranOut, late.ranOut]).toEqual([true, false, false]);
    expect([long.signal.reason, late.signal.reason]).toEqual(["enough", "enough"]);
  });
});

describe("a promise with a signal", () => {
  it("has its own outcome, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    await expect(orAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(orAborted(Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
    await expect.poll(() => listeners(signal)).toBe(0);
  });

  it("ends with the reason of the signal, before or after it began", async () => {
    const controller = new AbortController();
    const never = new Promise<void>(() => undefined);
    setImmediate(() => controller.abort("enough"));
    await expect(orAborted(never, controller.signal)).rejects.toBe("enough");
    await expect(orAborted(never, controller.signal)).rejects.toBe("enough");
  });
});
