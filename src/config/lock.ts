import { mkdir, rmdir, stat } from "node:fs/promises";
import type { Clock } from "../platform/clock.ts";

const RETRY_MS = 15;
/** What happens under the lock takes milliseconds: whoever has held it this long is dead. */
const STALE_MS = 10_000;

/**
 * Runs `action` while no other process runs one under the same lock: a folder, because making one is atomic on every
 * file system. A lock left by a process that died is taken over. Rejects if the folder cannot be made at all.
 */
export async function withLock<T>(path: string, clock: Clock, action: () => T): Promise<T> {
  while (!(await tryMake(path))) {
    if (!(await removeStale(path, clock))) await clock.sleep(RETRY_MS);
  }
  const own = await identify(path);
  try {
    return action();
  } finally {
    // A process that was halted for so long that another took the lock over does not take that one's away.
    if ((await identify(path))?.key === own?.key) await rmdir(path).catch(() => {});
  }
}

/**
 * Removes a folder that a dead process left, and nothing that came after it: of all who find the same one, the only one
 * to remove it is who makes the folder named after it, and only while it is still that one. Says whether it is gone.
 */
async function removeStale(path: string, clock: Clock): Promise<boolean> {
  const found = await identify(path);
  if (found === undefined) return true;
  if (clock.now() - found.madeAt <= STALE_MS) return false;
  const right = `${path}.${found.key}`;
  // Whoever had the right may have died too; then that folder is stale in its turn.
  if (!(await tryMake(right))) {
    await removeStale(right, clock);
    return false;
  }
  try {
    if ((await identify(path))?.key === found.key) await rmdir(path).catch(() => {});
  } finally {
    await rmdir(right).catch(() => {});
  }
  return true;
}

/** What tells this folder from every other that has been or will be under its name. */
async function identify(path: string): Promise<{ readonly key: string; readonly madeAt: number } | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : { key: `${found.ino}-${found.mtimeNs}`, madeAt: Number(found.mtimeMs) };
}

async function tryMake(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
