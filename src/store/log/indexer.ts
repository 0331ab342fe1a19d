import { join } from "node:path";
import { readDelivery } from "../../core/delivery.ts";
import { addUses, type UnverifiedUse } from "../unverified.ts";
import { prepareApply, type PlaceRange } from "../apply.ts";
import { type Database, type Driver, inTransaction } from "../database.ts";
import { ALL_READABLE, scanScratch, scanSegment, type Framed, type ScanRange, type Unreadable } from "./scan.ts";
import { markerOf } from "./slots.ts";

/** One step through a segment. */
export interface IndexStep {
  /** The position reached, in bytes from the start of the segment. */
  readonly position: number;
  /** The feed places of the indexed records, for each transaction. */
  readonly places: readonly PlaceRange[];
  /** Deliveries that the tables reject. */
  readonly refused: number;
  /** What was skipped because it is damaged, unknown or rejected. */
  readonly unreadable: Unreadable;
  /** State of the quota for unverified deliveries, if some were added. */
  readonly unverified?: UnverifiedUse | undefined;
}

/** How a segment is read: up to its exact end, or up to the end of a preallocated file. */
export type StepRange = Omit<ScanRange, "from">;

/** Writes log records to the tables, exactly once: the position is committed together with the rows. */
export interface Indexer {
  /** Continues from the last position of the segment, at most to the end of the range. */
  step(name: string, range: StepRange): IndexStep;
  /**
   * Makes all indexed rows durable, so that the segment can be deleted. Returns what was skipped in all of it,
   * including by earlier processes.
   */
  seal(name: string): Unreadable;
  /** Forgets the position in a segment; call it after the segment is deleted. */
  forget(name: string): void;
  close(): void;
}

/** SQLite's CONSTRAINT and MISMATCH concern one record. Every other failure concerns the file, and may be temporary. */
const REFUSALS: readonly (number | undefined)[] = [19, 20];

/** The paths of the tables and the logs. */
export interface IndexPlace {
  readonly file: string;
  readonly folder: string;
  readonly busyTimeoutMs: number;
  readonly checkpointPages: number;
}

/** Indexes the logs of a folder, through its own connection. */
export function connectIndexer(driver: Driver, { file, folder, busyTimeoutMs, checkpointPages }: IndexPlace): Indexer {
  const database = driver.open(file);
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  return createIndexer(driver, database, folder);
}

function createIndexer(driver: Driver, database: Database, folder: string): Indexer {
  const isRefused = (error: unknown) => REFUSALS.includes(driver.resultCode(error));
  // Until a log is sealed it can be read again, so its commits need not be synced one by one.
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
  const scratch = scanScratch();
  const positions = new Map<string, number>();
  const positionOf = (name: string) => positions.get(name) ?? Number(getPosition.get([name])?.["position"] ?? 0);
  const goTo = (name: string, position: number, { records, bytes } = ALL_READABLE) =>
    setPosition.run([name, position, records, bytes]);

  /** Adds records one by one and skips those that the tables reject, so that one record does not block all others. */
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
      const scan = scanSegment(join(folder, name), marker, { ...range, from }, { scratch });
      const { position, unreadable } = scan;
      const records = marker.length === 0 ? scan.records.map(reidentify) : scan.records;
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

/** Early versions, whose segments have no markers, identified events by name, resource and time. */
function reidentify({ record, next }: Framed): Framed {
  if (record.type !== "delivery") return { record, next };
  const { delivery } = record;
  const identityKey = readDelivery(delivery.id, delivery).identity.key;
  return { record: { type: "delivery", delivery: { ...delivery, identityKey } }, next };
}
