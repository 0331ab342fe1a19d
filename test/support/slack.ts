/**
 * A time limit of this number of milliseconds with a margin for a busy machine. A broken promise takes much longer,
 * or never ends.
 */
export function withSlack(ms: number): number {
  return 5 * ms;
}

/**
 * The processor time that this process has used, in milliseconds, which is independent of other work on the machine.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Runs a test with a time limit that is five times as long after each failure, up to half a minute, for a promise
 * that needs a response within the limit: the speed of a busy machine is not tested.
 */
export async function withEnoughTime(firstMs: number, test: (limitMs: number) => Promise<void>): Promise<void> {
  for (let limitMs = firstMs; ; limitMs *= 5) {
    try {
      return await test(limitMs);
    } catch (error) {
      if (5 * limitMs > 30_000) throw error;
    }
  }
}
