import { mkdir, rmdir, stat } from "node:fs/promises";
import { AppError } from "../core/errors.ts";
import type { Clock } from "../platform/clock.ts";
import { Waits } from "../platform/waits.ts";

const RETRY_MS = 15;
/** A lock is held for milliseconds: a process that holds it this long has died. */
const STALE_MS = 5_000;
/** A lock this old cannot be removed: it may be a file. */
const STUCK_MS = 10_000;
/** Time limit while other processes keep acquiring it. */
const DEADLINE_MS = 60_000;

export interface LockWait {
  readonly clock: Pick<Clock, "sleep">;
  /** Aborts the wait with its reason, unless it aborted before the wait: then a command cleans up and must write. */
  readonly signal?: AbortSignal | undefined;
  readonly waits?: Waits | undefined;
  readonly staleMs?: number;
  readonly stuckMs?: number;
}

/**
 * Runs `action` while no other process runs one under the same lock, which is a folder, because creating one is
 * atomic on every file system. A lock left by a dead process is taken over; it is recognized because it has not
 * changed for a while since it was first seen, as its own timestamp may come from another clock. Rejects with
 * `file_unusable` at the deadline, and with the system's error if the folder cannot be created.
 */
export async function withLock<T>(path: string, wait: LockWait, action: () => T): Promise<T> {
  const { clock, waits = new Waits(), staleMs = STALE_MS, stuckMs = STUCK_MS } = wait;
  const signal = wait.signal?.aborted === true ? undefined : wait.signal;
  using _wait = waits.begin(`another process that holds ${path}`);
  const startedAt = performance.now();
  const sightings = new Sightings(staleMs);
  while (!(await tryMake(path))) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs >= DEADLINE_MS || sightings.ageOf(path) >= stuckMs) throw stillLocked(path, waitedMs);
    if (!(await removeStale(path, sightings))) await clock.sleep(RETRY_MS, signal);
  }
  const own = await identify(path);
  try {
    return action();
  } finally {
    // If this process was suspended and another took over, that lock stays.
    if ((await identify(path)) === own) await rmdir(path).catch(() => {});
  }
}

/** Since when folders have been unchanged, by the monotonic clock. */
class Sightings {
  readonly #staleMs: number;
  readonly #seen = new Map<string, { readonly key: string; readonly since: number }>();

  constructor(staleMs: number) {
    this.#staleMs = staleMs;
  }

  /** How long the folder has been unchanged, in milliseconds. */
  ageOf(path: string): number {
    const known = this.#seen.get(path);
    return known === undefined ? 0 : performance.now() - known.since;
  }

  /** The folder's identity, and whether it has been unchanged for too long; undefined if there is none. */
  async look(path: string): Promise<{ readonly key: string; readonly isStale: boolean } | undefined> {
    const key = await identify(path);
    if (key === undefined) return undefined;
    const known = this.#seen.get(path);
    const since = known?.key === key ? known.since : performance.now();
    this.#seen.set(path, { key, since });
    return { key, isStale: performance.now() - since >= this.#staleMs };
  }
}

/**
 * Removes a folder that a dead process left, and never a later one: of all processes that find it, only the one that
 * creates the folder named after it may remove it, and only while it is unchanged. Returns whether it is gone.
 */
async function removeStale(path: string, sightings: Sightings): Promise<boolean> {
  const found = await sightings.look(path);
  if (found === undefined) return true;
  const right = `${path}.${found.key}`;
  // The process with that right may have died too; then its folder is stale as well.
  const rival = await sightings.look(right);
  if (!found.isStale) return false;
  if (!(await tryMake(right))) {
    if (rival?.isStale === true) await removeStale(right, sightings);
    return false;
  }
  try {
    if ((await identify(path)) === found.key) await rmdir(path).catch(() => {});
  } finally {
    await rmdir(right).catch(() => {});
  }
  return (await identify(path)) !== found.key;
}

/** Identifies this folder among all that had its name. */
async function identify(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.ino}-${found.mtimeNs}`;
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

function stillLocked(path: string, waitedMs: number): AppError {
  return new AppError(
    "file_unusable",
    `the config file cannot be written: waited ${Math.round(waitedMs / 1000)} s for ${path}`,
    {
      hint: `If no bluum-hooks process is writing the config file, delete it: ${path}`,
    },
  );
}
