import { join } from "node:path";
import { readDelivery } from "../../core/delivery.ts";
import { addUses, type UnverifiedUse } from "../unverified.ts";
import { prepareApply, type PlaceRange } from "../apply.ts";
import type { Database, Driver } from "../database.ts";
import { inTransaction } from "../transaction.ts";
import { ALL_READABLE, scanSegment, type Framed, type ScanRange, type Unreadable } from "./scan.ts";
import { markerOf } from "./slots.ts";

/** One step through a segment. */
export interface IndexStep {
  /** How far it came, in bytes from the start of the segment. */
  readonly position: number;
  /** The places in the feed of what was brought in; of each transaction those it took. */
  readonly places: readonly PlaceRange[];
  /** Deliveries that the tables refuse. */
  readonly refused: number;
  /** What was skipped on the way, because it is damaged, not understood or refused. */
  readonly unreadable: Unreadable;
  /** How the quota of what is not verified stands, if some of that was added. */
  readonly unverified?: UnverifiedUse | undefined;
}

/** How a segment is read: to its exact end, or to that of a file that is longer. */
export type StepRange = Omit<ScanRange, "from">;

/** Brings what is logged into the tables, exactly once: how far it came is written with what it wrote. */
export interface Indexer {
  /** Goes on from where the segment was left, at most to the end of the range. */
  step(name: string, range: StepRange): IndexStep;
  /**
   * Makes all that was indexed outlive a loss of power, so that the segment can go. Returns what was skipped in all of it,
   * by this process or by one before.
   */
  seal(name: string): Unreadable;
  /** Forgets how far a segment was read; to be called when it is gone. */
  forget(name: string): void;
  close(): void;
}

/** SQLite's CONSTRAINT and MISMATCH speak of a record. Every other failure is the file's, and may pass. */
const REFUSALS: readonly (number | undefined)[] = [19, 20];

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
  const getPosition = database.prepare(
    "SELECT position, unreadable_records, unreadable_bytes FROM log_positions WHERE name = ?",
  );
  const setPosition = database.prepare(`
    INSERT INTO log_positions (name, position, unreadable_records, unreadable_bytes) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO UPDATE SET
      position = ?2, unreadable_records = unreadable_records + ?3, unreadable_bytes = unreadable_bytes + ?4
  `);
  const dropPosition = database.prepare("DELETE FROM log_positions WHERE name = ?");
  const positions = new Map<string, number>();
  const positionOf = (name: string) => positions.get(name) ?? Number(getPosition.get([name])?.["position"] ?? 0);
  const goTo = (name: string, position: number, { records, bytes } = ALL_READABLE) =>
    setPosition.run([name, position, records, bytes]);

  /** One by one, leaving out what the tables refuse: one record must not keep all others from being seen. */
  const salvage = (name: string, from: number, records: readonly Framed[]) => {
    const places: PlaceRange[] = [];
    let refused = 0;
    let unverified: UnverifiedUse | undefined;
    let at = from;
    for (const { record, next } of records) {
      try {
        inTransaction(database, () => {
          const applied = apply([record]);
          places.push(applied.places);
          unverified = addUses(unverified, applied.unverified);
          goTo(name, next);
        });
      } catch (error) {
        if (!isRefused(error)) throw error;
        inTransaction(database, () => goTo(name, next, { records: 1, bytes: next - at }));
        if (record.type === "delivery") refused += 1;
      }
      at = next;
    }
    return { places, refused, unverified };
  };

  return {
    step(name, range) {
      const from = positionOf(name);
      if (from >= range.end) return { position: from, places: [], refused: 0, unreadable: ALL_READABLE };
      const marker = markerOf(name);
      const scan = scanSegment(join(folder, name), marker, { ...range, from });
      const { position, unreadable } = scan;
      const records = marker.length === 0 ? scan.records.map(identifyAnew) : scan.records;
      let step: Omit<IndexStep, "position" | "unreadable">;
      try {
        step = inTransaction(database, () => {
          const applied = apply(records.map(({ record }) => record));
          goTo(name, position, unreadable);
          return { unverified: applied.unverified, places: [applied.places], refused: 0 };
        });
      } catch (error) {
        if (!isRefused(error)) throw error;
        step = salvage(name, from, records);
        inTransaction(database, () => goTo(name, position, unreadable));
      }
      positions.set(name, position);
      return { ...step, position, unreadable };
    },
    seal(name) {
      database.exec("PRAGMA synchronous = FULL");
      try {
        inTransaction(database, () => goTo(name, positionOf(name)));
      } finally {
        database.exec("PRAGMA synchronous = NORMAL");
      }
      const row = getPosition.get([name]);
      return { records: Number(row?.["unreadable_records"]), bytes: Number(row?.["unreadable_bytes"]) };
    },
    forget(name) {
      positions.delete(name);
      dropPosition.run([name]);
    },
    close: () => database.close(),
  };
}

/** Early versions, whose segments have no markers, knew events by their name, resource and time. */
function identifyAnew({ record, next }: Framed): Framed {
  if (record.type !== "delivery") return { record, next };
  const { delivery } = record;
  const identityKey = readDelivery(delivery.id, delivery).identity.key;
  return { record: { type: "delivery", delivery: { ...delivery, identityKey } }, next };
}
