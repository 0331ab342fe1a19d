import { defineConfig } from "vitest/config";

const SLOW = "test/**/*.slow.test.ts";

export default defineConfig({
  test: {
    // Most tests wait for sockets and processes, not for a processor.
    maxWorkers: 4,
    projects: [
      // Files share a process, which loads the program once: loading it takes longer than the tests of most files.
      { test: { name: "quick", include: ["test/**/*.test.ts"], exclude: [SLOW], isolate: false, ...timeLimits(120) } },
      // Whole matrices, bursts and outages: what is slow by nature.
      { test: { name: "slow", include: [SLOW], ...timeLimits(300) } },
    ],
  },
});

/** A safety net: tests wait for facts, and a machine that does other work as well takes longer to bring them about. */
function timeLimits(seconds: number) {
  const timeout = seconds * 1_000;
  return { testTimeout: timeout, hookTimeout: timeout, expect: { poll: { timeout } } };
}
