import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Waits } from "../platform/waits.ts";
import type { WhileBusy } from "./busy.ts";
import type { Database, Driver } from "./database.ts";
import { isBusy, storeFailure } from "./failures.ts";
import { makeFile, makeFolder } from "./file.ts";

/** Held until disposed, or until its process ends in any way: the operating system releases it then. */
export type Lock = AsyncDisposable;

/** Who holds a lock, for a message to a command that does not get it. */
export interface LockHolder {
  readonly pid: number;
  /** Unix milliseconds. */
  readonly since: number;
  /** What it is held for, in words for a person. */
  readonly what: string;
}

export interface Locks {
  tryLock(name: string, holder: LockHolder): Promise<Lock | undefined>;
  /** Waits until the lock is free; undefined if that is not within the time. */
  lock(name: string, holder: LockHolder, wait: LockWait): Promise<Lock | undefined>;
  holderOf(name: string): Promise<LockHolder | undefined>;
}

export interface LockWait {
  readonly timeoutMs: number;
  /** What it is waited for, as the end of a sentence. */
  readonly what: string;
}

interface LockOptions {
  readonly driver: Driver;
  readonly folder: string;
  /** The store's own file, which holds who holds what. */
  readonly database: Database;
  readonly whileBusy: WhileBusy;
  readonly waits: Waits;
  /** Ends a wait that begins before it is aborted: later, a command tidies up, and must have its turn for that. */
  readonly signal: AbortSignal | undefined;
}

/** A look by `holderOf` takes the lock for an instant; a second try tells it from a holder. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 5;
const WAIT_POLL_MS = 25;

/**
 * Locks between processes: each is a SQLite file in an exclusive transaction. A pid file would outlive a killed process,
 * and Node has no `flock`. The files stay behind, empty: deleting one could part two processes that both hold "it".
 */
export function openLocks({
  driver,
  folder,
  database,
  whileBusy,
  waits,
  signal,
}: LockOptions): Locks & { claim(name: string): Promise<Lock | undefined> } {
  makeFolder(folder);
  const setHolder = database.prepare(
    "INSERT OR REPLACE INTO lock_holders (name, pid, since, what) VALUES (?, ?, ?, ?)",
  );
  const clearHolder = database.prepare("DELETE FROM lock_holders WHERE name = ?");

  const take = (key: string): Database | undefined => {
    const file = join(folder, `${key}.lock`);
    makeFile(file);
    let held: Database | undefined;
    try {
      held = driver.open(file);
      // With a journal on the disk a lock could not be taken where that is full, and a webhook not be restored.
      held.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return held;
    } catch (error) {
      held?.close();
      if (isBusy(driver, error)) return undefined;
      throw storeFailure(driver, file, error);
    }
  };

  const takePatiently = async (key: string): Promise<Database | undefined> => {
    let held = take(key);
    for (let tries = 1; held === undefined && tries < TRIES; tries += 1) {
      await delay(BETWEEN_TRIES_MS);
      held = take(key);
    }
    return held;
  };

  const locks: ReturnType<typeof openLocks> = {
    /** A lock without a record of who holds it, which needs nothing of the store's own file. */
    async claim(name) {
      const held = await takePatiently(keyOf(name));
      return held && { [Symbol.asyncDispose]: async () => held.close() };
    },
    async tryLock(name, holder) {
      const key = keyOf(name);
      const lock = await takePatiently(key);
      if (lock === undefined) return undefined;
      try {
        await whileBusy(() => setHolder.run([key, holder.pid, holder.since, holder.what]));
      } catch (error) {
        lock.close();
        throw error;
      }
      let isOwn = true;
      return {
        async [Symbol.asyncDispose]() {
          if (!isOwn) return;
          isOwn = false;
          try {
            await whileBusy(() => clearHolder.run([key]));
          } finally {
            lock.close();
          }
        },
      };
    },
    async lock(name, holder, { timeoutMs, what }) {
      const untilAborted = signal?.aborted === true ? undefined : signal;
      using _wait = waits.begin(what);
      for (const startedAt = performance.now(); ;) {
        const lock = await locks.tryLock(name, holder);
        if (lock !== undefined || performance.now() - startedAt >= timeoutMs) return lock;
        await delay(WAIT_POLL_MS);
        untilAborted?.throwIfAborted();
      }
    },
    async holderOf(name) {
      const holder = recordedHolder(database, name);
      // The record of a killed process stays; its lock does not.
      return holder !== undefined && isHeld(driver, lockFile(folder, name)) ? holder : undefined;
    },
  };
  return locks;
}

/** Who took the lock last, whether or not it is still held. */
export function recordedHolder(database: Database, name: string): LockHolder | undefined {
  const row = database.prepare("SELECT pid, since, what FROM lock_holders WHERE name = ?").get([keyOf(name)]);
  if (row === undefined) return undefined;
  return { pid: Number(row["pid"]), since: Number(row["since"]), what: String(row["what"]) };
}

/** Whether a living process holds the lock of this file. Makes nothing, and needs no right to write. */
export function isHeld(driver: Driver, file: string): boolean {
  if (!existsSync(file)) return false;
  let probe: Database | undefined;
  try {
    probe = driver.open(file);
    probe.exec("PRAGMA busy_timeout = 0");
    probe.prepare("SELECT count(*) FROM sqlite_schema").get([]);
    return false;
  } catch (error) {
    if (isBusy(driver, error)) return true;
    throw storeFailure(driver, file, error);
  } finally {
    probe?.close();
  }
}

/** The file of a lock, in the folder of locks. */
export function lockFile(folder: string, name: string): string {
  return join(folder, `${keyOf(name)}.lock`);
}

/** A name for a file, whatever the lock is called. */
function keyOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}
