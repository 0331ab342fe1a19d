import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { prepareApply, type IndexedDelivery } from "../apply.ts";
import type { Database, Driver } from "../driver.ts";
import { inTransaction } from "../transaction.ts";
import { decodeRecord, lengthOfRecord, type LogRecord } from "./record.ts";

/** One step through a log. */
export interface IndexStep {
  /** How far it came, in bytes from the start of the log. */
  readonly position: number;
  /** What became of the deliveries on the way; null for one that the tables do not take. */
  readonly deliveries: readonly (IndexedDelivery | null)[];
  /** The deferred deliveries that are to be handed back now, by their `seq`; null for one that the tables have not taken. */
  readonly deferred: readonly (number | null)[];
}

/** Brings what is logged into the tables, exactly once: how far it came is written with what it wrote. */
export interface Indexer {
  /** Goes on from where the log was left, at most to `end`. Stops early at a record that is not whole. */
  step(name: string, end: number): IndexStep;
  /** Makes all that was indexed outlive a loss of power, so that the log can go. */
  seal(name: string): void;
  /** Forgets how far a log was read; to be called when it is gone. */
  forget(name: string): void;
  close(): void;
}

/** SQLite's CONSTRAINT and MISMATCH speak of a record. Every other failure is the file's, and may pass. */
const REFUSALS: readonly (number | undefined)[] = [19, 20];

const MAX_RECORDS = 4_096;
const MAX_BYTES = 4 * 1024 * 1024;

/** Where the tables and the logs are. */
export interface IndexPlace {
  readonly file: string;
  readonly folder: string;
  readonly busyTimeoutMs: number;
  readonly checkpointPages: number;
}

/** Indexes the logs of a folder, through a connection of its own. */
export function connectIndexer(driver: Driver, { file, folder, busyTimeoutMs, checkpointPages }: IndexPlace): Indexer {
  const database = driver.open(file);
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  return createIndexer(driver, database, folder);
}

function createIndexer(driver: Driver, database: Database, folder: string): Indexer {
  const isRefused = (error: unknown) => REFUSALS.includes(driver.resultCode(error));
  // Until a log is sealed it can be read again, so that its commits need not reach the disk one by one.
  database.exec("PRAGMA synchronous = NORMAL");
  const apply = prepareApply(database);
  const getPosition = database.prepare("SELECT position FROM log_positions WHERE name = ?");
  const setPosition = database.prepare("INSERT OR REPLACE INTO log_positions (name, position) VALUES (?, ?)");
  const dropPosition = database.prepare("DELETE FROM log_positions WHERE name = ?");
  const positions = new Map<string, number>();
  const positionOf = (name: string) => positions.get(name) ?? Number(getPosition.get([name])?.["position"] ?? 0);

  /** Applies the records as one. */
  const commit = (name: string, records: readonly Framed[]): IndexStep =>
    inTransaction(database, () => {
      const applied = apply(records.map(({ record }) => record));
      const position = records.at(-1)?.next ?? positionOf(name);
      setPosition.run([name, position]);
      return { position, ...applied };
    });

  /** One by one, leaving out what the tables refuse: one record must not keep all others from being seen. */
  const salvage = (name: string, records: readonly Framed[]): IndexStep => {
    const steps = records.map((framed) => {
      try {
        return commit(name, [framed]);
      } catch (error) {
        if (!isRefused(error)) throw error;
        inTransaction(database, () => setPosition.run([name, framed.next]));
        return { deliveries: framed.record.type === "delivery" ? [null] : [], deferred: [] };
      }
    });
    return {
      position: records.at(-1)?.next ?? positionOf(name),
      deliveries: steps.flatMap(({ deliveries }) => deliveries),
      deferred: steps.flatMap(({ deferred }) => deferred),
    };
  };

  return {
    step(name, end) {
      const records = readRecords(join(folder, name), positionOf(name), end);
      if (records.length === 0) return { position: positionOf(name), deliveries: [], deferred: [] };
      let step: IndexStep;
      try {
        step = commit(name, records);
      } catch (error) {
        if (!isRefused(error)) throw error;
        step = salvage(name, records);
      }
      positions.set(name, step.position);
      return step;
    },
    seal(name) {
      database.exec("PRAGMA synchronous = FULL");
      try {
        inTransaction(database, () => setPosition.run([name, positionOf(name)]));
      } finally {
        database.exec("PRAGMA synchronous = NORMAL");
      }
    },
    forget(name) {
      positions.delete(name);
      dropPosition.run([name]);
    },
    close: () => database.close(),
  };
}

interface Framed {
  readonly record: LogRecord;
  /** Where the next record begins, in bytes from the start of the log. */
  readonly next: number;
}

function readRecords(file: string, from: number, end: number): Framed[] {
  const fd = openSync(file, "r");
  try {
    let bytes = readAt(fd, from, Math.min(end - from, MAX_BYTES));
    // One record may be larger than what is read at a time.
    const needed = lengthOfRecord(bytes, 0);
    if (needed > bytes.length && from + needed <= end) bytes = readAt(fd, from, needed);
    const records: Framed[] = [];
    for (let at = 0; records.length < MAX_RECORDS;) {
      const decoded = decodeRecord(bytes, at);
      if (decoded === undefined) break;
      at = decoded.next;
      records.push({ record: decoded.record, next: from + at });
    }
    return records;
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, length));
  let read = 0;
  while (read < bytes.length) {
    const count = readSync(fd, bytes, read, bytes.length - read, from + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}
