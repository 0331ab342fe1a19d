import { mkdir, rename, rmdir, stat } from "node:fs/promises";
import type { Clock } from "../platform/clock.ts";
import { newId } from "../platform/ids.ts";

const RETRY_MS = 15;
/** What happens under the lock takes milliseconds: whoever has held it this long is dead. */
const STALE_MS = 10_000;

/**
 * Runs `action` while no other process runs one under the same lock: a folder, because making one is atomic on every
 * file system. A lock left by a process that died is taken over. Rejects if the folder cannot be made at all.
 */
export async function withLock<T>(path: string, clock: Clock, action: () => T): Promise<T> {
  while (!(await tryMake(path))) {
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && clock.now() - made.mtimeMs > STALE_MS) await discard(path);
    else await clock.sleep(RETRY_MS);
  }
  try {
    return action();
  } finally {
    await rmdir(path).catch(() => {});
  }
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

/** Of several processes that find the same stale lock, only one can rename it away. */
async function discard(path: string): Promise<void> {
  const aside = `${path}.${newId("stale")}`;
  await rename(path, aside).catch(() => {});
  await rmdir(aside).catch(() => {});
}
