/**
 * What a promise of so many milliseconds may take in a test: the machine may be doing other work as well. Whoever breaks the
 * promise waits much longer, or without an end.
 */
export function withSlack(ms: number): number {
  return 5 * ms;
}

/** The processor time that this process has used, in milliseconds: unlike the time of day, other work does not add to it. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Runs a test with a time limit that is five times as long after each failure, up to half a minute, for a promise that
 * needs an answer within the limit: how soon a loaded machine answers is not what is tested.
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
