import { setTimeout as delay } from "node:timers/promises";
import type { Waits } from "../platform/waits.ts";
import type { Driver } from "./database.ts";
import { isBusy } from "./failures.ts";

/** How long a commit waits for another process. */
export const BUSY_TIMEOUT_MS = 5_000;
/** How long SQLite itself waits, blocking this thread. */
export const BUSY_SLICE_MS = 100;
const RETRY_MS = 20;

/** Repeats the work while another process keeps the file busy. Rejects with other errors of the work. */
export type WhileBusy = <Result>(work: () => Result | Promise<Result>) => Promise<Result>;

export interface BusyOptions {
  readonly driver: Driver;
  readonly file: string;
  readonly timeoutMs: number;
  readonly waits: Waits;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export function createWhileBusy({ driver, file, timeoutMs, waits, signal }: BusyOptions): WhileBusy {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(driver, error)) throw error;
    }
    using _wait = waits.begin(`another process that keeps ${file} busy`);
    for (const startedAt = performance.now(); ;) {
      signal?.throwIfAborted();
      await delay(RETRY_MS);
      try {
        return await work();
      } catch (error) {
        if (!isBusy(driver, error) || performance.now() - startedAt >= timeoutMs) throw error;
      }
    }
  };
}
