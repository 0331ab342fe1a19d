import type { Clock } from "../../../src/platform/clock.ts";

/** A clock on which every sleep lasts until the test ends it. */
export function steppedClock(): Clock & { step(): void; readonly sleeping: number } {
  const wakes: (() => void)[] = [];
  return {
    now: () => Date.now(),
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        wakes.push(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
      }),
    step: () => wakes.shift()?.(),
    get sleeping() {
      return wakes.length;
    },
  };
}
