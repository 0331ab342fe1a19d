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

/** The holder of a lock, for the message to a command that waits for it. */
export interface LockHolder {
  readonly pid: number;
  /** Unix milliseconds. */
  readonly since: number;
  /** The purpose of the lock, as text for the user. */
  readonly what: string;
}

export interface Locks {
  tryLock(name: string, holder: LockHolder): Promise<Lock | undefined>;
  /** Waits until the lock is free; undefined if the time limit passes first. */
  lock(name: string, holder: LockHolder, wait: LockWait): Promise<Lock | undefined>;
  holderOf(name: string): Promise<LockHolder | undefined>;
}

export interface LockWait {
  readonly timeoutMs: number;
  /** What the wait is for, as the end of a sentence. */
  readonly what: string;
}

interface LockOptions {
  readonly driver: Driver;
  readonly folder: string;
  /** The store's own file, which records the holders of locks. */
  readonly database: Database;
  readonly whileBusy: WhileBusy;
  readonly waits: Waits;
  /** Aborts waits that begin before it aborts: later, a command cleans up and needs the lock for that. */
  readonly signal: AbortSignal | undefined;
}

/** A check by `holderOf` takes the lock for an instant; a second try distinguishes it from a holder. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 5;
const WAIT_POLL_MS = 25;

/**
 * Locks between processes: each is a SQLite file in an exclusive transaction. A pid file would outlive a killed
 * process, and Node has no `flock`. The empty files are never deleted, because two processes could then both hold the
 * same lock.
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
      // With a journal on disk no lock could be taken when the disk is full, and a webhook could not be restored.
      held.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return held;
    } catch (error) {
      held?.close();
      if (isBusy(driver, error)) return undefined;
      throw storeFailure(driver, file, error);
    }
  };

  const takeWithRetries = async (key: string): Promise<Database | undefined> => {
    let held = take(key);
    for (let tries = 1; held === undefined && tries < TRIES; tries += 1) {
      await delay(BETWEEN_TRIES_MS);
      held = take(key);
    }
    return held;
  };

  const locks: ReturnType<typeof openLocks> = {
    /** A lock without a recorded holder, which does not need the store's own file. */
    async claim(name) {
      const held = await takeWithRetries(keyOf(name));
      return held && { [Symbol.asyncDispose]: async () => held.close() };
    },
    async tryLock(name, holder) {
      const key = keyOf(name);
      const lock = await takeWithRetries(key);
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
      // The record of a killed process remains; its lock does not.
      return holder !== undefined && isHeld(driver, lockFile(folder, name)) ? holder : undefined;
    },
  };
  return locks;
}

/** The last holder of the lock, whether or not it is still held. */
export function recordedHolder(database: Database, name: string): LockHolder | undefined {
  const row = database.prepare("SELECT pid, since, what FROM lock_holders WHERE name = ?").get([keyOf(name)]);
  if (row === undefined) return undefined;
  return { pid: Number(row["pid"]), since: Number(row["since"]), what: String(row["what"]) };
}

/** Whether a living process holds the lock of this file. Creates nothing, and needs no write permission. */
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

/** A file name for a lock with any name. */
function keyOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}
