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
