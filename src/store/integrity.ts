import { fork } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { keptFiles, type KeptFile } from "./log/aside.ts";
import { spellDuration } from "../core/duration.ts";
import { LinkedAbort, orAborted } from "../platform/abort.ts";
import type { Database } from "./database.ts";
import { type Integrity, quickCheck } from "./quick-check.ts";

/** The state of a store, without a check of its integrity. */
export interface StoreHealth {
  readonly file: string;
  /** The file that was read: a copy if the store cannot be read in place; empty if there is no store. */
  readonly openedFile: string;
  readonly exists: boolean;
  readonly schemaVersion: number;
  readonly deliveries: number;
  /** Size of the file and its write-ahead log. */
  readonly bytes: number;
  /** Log files that could not be read completely. */
  readonly keptFiles: readonly KeptFile[];
}

export interface IntegrityOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** A database of at most this size is read in this process. */
  readonly smallBytes?: number;
  readonly program?: URL;
}

const TIMEOUT_MS = 10_000;
/** Read in less time than a process takes to start. */
const SMALL_BYTES = 16 * 1024 * 1024;

/** In the built program it is next to this chunk; when run from source, its built form is used. */
const PROGRAM = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/store-check.cjs" : "store-check.cjs",
  import.meta.url,
);

export function examineStore(database: Database, file: string, logFolder: string): StoreHealth {
  const first = (sql: string) => Object.values(database.prepare(sql).get([]) ?? {})[0];
  return {
    file,
    openedFile: String(database.prepare("PRAGMA database_list").get([])?.["file"] ?? ""),
    exists: existsSync(file),
    schemaVersion: Number(first("PRAGMA user_version")),
    deliveries: Number(first("SELECT count(*) FROM deliveries")),
    bytes: bytesOf(file),
    keptFiles: keptFiles(logFolder),
  };
}

/**
 * Reads a whole database to find damage. SQLite cannot be interrupted meanwhile, and a store may have gigabytes: a
 * separate process reads a large one, because it can be killed. Rejects only with the signal's reason.
 */
export async function checkIntegrity(
  file: string,
  { signal, timeoutMs = TIMEOUT_MS, smallBytes = SMALL_BYTES, program = PROGRAM }: IntegrityOptions,
): Promise<Integrity> {
  signal.throwIfAborted();
  if (bytesOf(file) <= smallBytes) return quickCheck(file);
  using deadline = new LinkedAbort(signal, timeoutMs);
  const child = fork(program, [file], { env: {}, execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const result = new Promise<Integrity>((resolve) => {
    child.once("message", (message) => resolve(message as Integrity));
    child.once("error", ({ message }) => resolve({ kind: "unchecked", reason: message }));
    child.once("exit", (code, killedBy) =>
      resolve({ kind: "unchecked", reason: `the check ended with ${killedBy ?? `exit code ${code}`}` }),
    );
  });
  try {
    return await orAborted(result, deadline.signal);
  } catch {
    signal.throwIfAborted();
    return { kind: "unchecked", reason: `the store is too large for ${spellDuration(timeoutMs)}` };
  } finally {
    child.kill("SIGKILL");
  }
}

/** The size of a database with its write-ahead log. */
export function bytesOf(file: string): number {
  return sizeOf(file) + sizeOf(`${file}-wal`);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
