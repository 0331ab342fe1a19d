/** Signals a program that was started as the leader of a group, and everything that it has started. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    // Windows has no groups.
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // All of them have exited.
  }
}
