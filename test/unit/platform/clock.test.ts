import { afterAll, expect, it, vi } from "vitest";

const { waits } = vi.hoisted(() => ({ waits: [] as number[] }));
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number, _value: unknown, options: { signal?: AbortSignal }) => {
    options.signal?.throwIfAborted();
    waits.push(ms);
    await new Promise((resolve) => setImmediate(resolve));
  },
}));
// Other test files run in this process before and after: their modules use real timers.
vi.resetModules();
afterAll(() => void vi.resetModules());
const { systemClock } = await import("../../../src/platform/clock.ts");

/** The maximum of Node's timers; they fire at once for longer delays. */
const LIMIT_MS = 2 ** 31 - 1;
const DAY_MS = 24 * 3600 * 1000;

it.each([0, 1, LIMIT_MS - 1, LIMIT_MS, LIMIT_MS + 1, 2 * LIMIT_MS, 30 * DAY_MS, 366 * DAY_MS])(
  "a wait of %i ms is split into waits that a timer supports, and is no shorter",
  async (ms) => {
    waits.length = 0;
    await systemClock.sleep(ms);
    expect(Math.max(...waits)).toBeLessThanOrEqual(LIMIT_MS);
    expect(waits.reduce((sum, each) => sum + each, 0)).toBe(ms);
  },
);

it("an infinite wait continues until it is aborted, and ends with the signal's reason", async () => {
  waits.length = 0;
  const stop = new AbortController();
  const reason = new Error("enough");
  const wait = systemClock.sleep(Number.POSITIVE_INFINITY, stop.signal);
  await vi.waitUntil(() => {
    if (waits.length > 3) stop.abort(reason);
    return stop.signal.aborted;
  });
  await expect(wait).rejects.toBe(reason);
});
