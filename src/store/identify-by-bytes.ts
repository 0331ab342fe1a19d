import { readDelivery, type HeaderPair } from "../core/delivery.ts";
import type { Database, Row } from "./database.ts";

/** Retries of an event that was received before the change still match it: they end after about ten hours. */
const MAX_NEWEST = 20_000;

/** The parts of a delivery that matter here. */
interface KnownDelivery {
  readonly seq: number;
  readonly id: string;
  readonly receivedAt: number;
  readonly kind: string;
  readonly attempt: number;
  readonly duplicateOf: string | null;
  /** When it was answered 2xx, in Unix milliseconds; infinite if it was not. */
  readonly acknowledgedAt: number;
}

/** Deliveries that shared an old key and were treated as one event. */
interface OldEvent {
  readonly environment: string;
  readonly key: string;
  /** Its deliveries by their new keys, in order of receipt. */
  readonly parts: Map<string, KnownDelivery[]>;
}

/**
 * Events without an id used to be identified by name, resource and timestamp, so two fills of an order in one second
 * were one event. They are now identified by their bytes. Events with several deliveries are split if the bytes
 * differ; these and the newest others get their new keys. Older ones keep keys that no new delivery can have.
 *
 * A migration: it uses only tables and columns that existed in its schema version.
 */
export function identifyByBytes(database: Database): void {
  const writes = prepareWrites(database);
  for (const event of changedEvents(database)) {
    if (event.parts.size === 1) writes.rename(event);
    else writes.part(event);
  }
}

function changedEvents(database: Database): Iterable<OldEvent> {
  const chosen = database.prepare(`
    SELECT seq FROM deliveries WHERE identity IS NOT NULL AND (
      seq > (SELECT max(seq) FROM deliveries) - ${MAX_NEWEST}
      OR (environment, identity) IN (SELECT environment, key FROM identities WHERE attempts > 1)
    ) ORDER BY seq
  `);
  const read = database.prepare(`
    SELECT seq, id, environment, identity, received_at, recurrence, attempt, duplicate_of, head, body,
      iif(status BETWEEN 200 AND 299, received_at + duration_ms, NULL) AS acknowledged_at
    FROM deliveries LEFT JOIN answers USING (seq) WHERE seq = ?
  `);
  const events = new Map<string, OldEvent>();
  for (const { seq = null } of chosen.all([])) {
    const row = read.get([seq]) ?? {};
    const [environment, key] = [String(row["environment"]), String(row["identity"])];
    const newKey = newKeyOf(row);
    if (newKey === null || newKey === key) continue;
    const name = `${environment} ${key}`;
    const event = events.get(name) ?? { environment, key, parts: new Map<string, KnownDelivery[]>() };
    events.set(name, event);
    const deliveries = event.parts.get(newKey) ?? [];
    event.parts.set(newKey, deliveries);
    deliveries.push(readKnown(row));
  }
  return events.values();
}

function newKeyOf(row: Row): string | null {
  try {
    const [method, path, headers] = JSON.parse(String(row["head"])) as [string, string, HeaderPair[]];
    const body = Buffer.from(row["body"] as Uint8Array);
    return readDelivery("", { method, path, headers, body, receivedAt: 0 }).identity.key;
  } catch {
    // A row that cannot be read stays unchanged.
    return null;
  }
}

function readKnown(row: Row): KnownDelivery {
  const [duplicateOf, acknowledgedAt] = [row["duplicate_of"], row["acknowledged_at"]];
  return {
    seq: Number(row["seq"]),
    id: String(row["id"]),
    receivedAt: Number(row["received_at"]),
    kind: String(row["recurrence"]),
    attempt: Number(row["attempt"]),
    duplicateOf: typeof duplicateOf === "string" ? duplicateOf : null,
    acknowledgedAt: typeof acknowledgedAt === "number" ? acknowledgedAt : Infinity,
  };
}

function prepareWrites(database: Database) {
  const setKey = database.prepare("UPDATE deliveries SET identity = ? WHERE seq = ?");
  const renameEvent = database.prepare("UPDATE OR REPLACE identities SET key = ? WHERE environment = ? AND key = ?");
  const dropEvent = database.prepare("DELETE FROM identities WHERE environment = ? AND key = ? RETURNING forwarded");
  const recount = database.prepare(
    "UPDATE deliveries SET identity = ?, recurrence = ?, attempt = ?, duplicate_of = ? WHERE seq = ?",
  );
  const addEvent = database.prepare(`
    INSERT OR REPLACE INTO identities (environment, key, first_id, attempts, acknowledged, last_received_at, forwarded)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7 OR EXISTS (
      SELECT 1 FROM forwards WHERE delivery_seq IN (SELECT value FROM json_each(?8))
      AND cause <> 'edited' AND status BETWEEN 200 AND 299
    ))
  `);
  return {
    /** All deliveries have the same bytes: it is the same event under another key. */
    rename({ environment, key, parts }: OldEvent): void {
      for (const [newKey, deliveries] of parts) {
        for (const { seq } of deliveries) setKey.run([newKey, seq]);
        renameEvent.run([newKey, environment, key]);
      }
    },
    part({ environment, key, parts }: OldEvent): void {
      const wasForwarded = Number(dropEvent.get([environment, key])?.["forwarded"] ?? 0);
      for (const [place, [newKey, deliveries]] of [...parts].entries()) {
        const [oldest] = deliveries;
        if (oldest === undefined) continue;
        // Deleted deliveries before the oldest remaining one are assumed to belong to the same event.
        const isContinued = place === 0 && oldest.kind !== "first";
        const start = isContinued ? oldest : { kind: "first", attempt: 1, duplicateOf: null };
        const firstId = start.duplicateOf ?? oldest.id;
        let knownFrom = isContinued && oldest.kind === "duplicate" ? 0 : Infinity;
        for (const [index, { seq, receivedAt, acknowledgedAt }] of deliveries.entries()) {
          const kind = index === 0 ? start.kind : knownFrom <= receivedAt ? "duplicate" : "retry";
          recount.run([newKey, kind, start.attempt + index, index === 0 ? start.duplicateOf : firstId, seq]);
          knownFrom = Math.min(knownFrom, acknowledgedAt);
        }
        addEvent.run([
          environment,
          newKey,
          firstId,
          start.attempt + deliveries.length - 1,
          Number(knownFrom !== Infinity),
          Math.max(...deliveries.map(({ receivedAt }) => receivedAt)),
          isContinued ? wasForwarded : 0,
          JSON.stringify(deliveries.map(({ seq }) => seq)),
        ]);
      }
    },
  };
}
