import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { abortOf, LinkedAbort, onAbort, orAborted } from "../../../src/platform/abort.ts";

const runningTimeouts = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

describe("a linked abort", () => {
  it("follows its parent, with the parent's reason", () => {
    const parent = new AbortController();
    using linked = new LinkedAbort(parent.signal);
    expect(linked.signal.aborted).toBe(false);
    parent.abort(new Error("all of it"));
    expect(linked.signal.reason).toEqual(new Error("all of it"));
  });

  it("is aborted from the start when its parent is", () => {
    using linked = new LinkedAbort(AbortSignal.abort(new Error("too late")));
    expect(linked.signal.reason).toEqual(new Error("too late"));
  });

  it("follows the first of several parents, and leaves no listener with the others", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const linked = new LinkedAbort([one.signal, other.signal]);
    other.abort("the other");
    one.abort("too late");
    expect(linked.signal.reason).toBe("the other");
    linked[Symbol.dispose]();
    expect([listeners(one.signal), listeners(other.signal)]).toEqual([0, 0]);
  });

  it("does not abort its parent", () => {
    const parent = new AbortController();
    using linked = new LinkedAbort(parent.signal);
    linked.abort(new Error("this one only"));
    expect(linked.signal.reason).toEqual(new Error("this one only"));
    expect(parent.signal.aborted).toBe(false);
  });

  it("leaves neither a timer nor a listener once it is disposed", () => {
    const parent = new AbortController();
    const before = runningTimeouts();
    const linked = new LinkedAbort(parent.signal, 60_000);
    expect([runningTimeouts(), listeners(parent.signal)]).toEqual([before + 1, 1]);
    linked[Symbol.dispose]();
    expect([runningTimeouts(), listeners(parent.signal)]).toEqual([before, 0]);
  });

  it("distinguishes its timeout from its parent's abort", async () => {
    const parent = new AbortController();
    using short = new LinkedAbort(parent.signal, 1);
    using long = new LinkedAbort(parent.signal, 60_000);
    await expect.poll(() => short.signal.aborted).toBe(true);
    parent.abort("enough");
    using late = new LinkedAbort(parent.signal, 1);
    expect([short.isTimedOut, long.isTimedOut, late.isTimedOut]).toEqual([true, false, false]);
    expect([long.signal.reason, late.signal.reason]).toEqual(["enough", "enough"]);
  });

  it("has no limit on its number of listeners", () => {
    using linked = new LinkedAbort(undefined);
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown) => warnings.push(warning);
    process.on("warning", onWarning);
    for (let nth = 0; nth < 50; nth += 1) onAbort(linked.signal, () => {});
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("a callback on abort", () => {
  it("is called once, and at once if the signal has already aborted", () => {
    const controller = new AbortController();
    const calls: string[] = [];
    onAbort(controller.signal, () => calls.push("later"));
    using _removed = onAbort(controller.signal, () => calls.push("removed"));
    _removed[Symbol.dispose]();
    controller.abort();
    onAbort(controller.signal, () => calls.push("at once"));
    onAbort(undefined, () => calls.push("never"));
    expect(calls).toEqual(["later", "at once"]);
  });

  it("resolves a promise", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(abortOf(controller.signal)).resolves.toBeUndefined();
    await expect(abortOf(controller.signal)).resolves.toBeUndefined();
  });
});

describe("a promise with a signal", () => {
  it("has its own outcome, and leaves no listener", async () => {
    const { signal } = new AbortController();
    await expect(orAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(orAborted(Promise.reject(new Error("own")), signal)).rejects.toThrow("own");
    await expect.poll(() => listeners(signal)).toBe(0);
  });

  it("ends with the signal's reason, whether it aborts before or after", async () => {
    const controller = new AbortController();
    const never = new Promise<void>(() => undefined);
    setImmediate(() => controller.abort("enough"));
    await expect(orAborted(never, controller.signal)).rejects.toBe("enough");
    await expect(orAborted(never, controller.signal)).rejects.toBe("enough");
  });
});
