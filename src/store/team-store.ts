import { BAD_VERDICTS, type Answer, type Delivery, type StoredDelivery, type Verification } from "../core/delivery.ts";
import { prepareApply, type PlaceRange } from "./apply.ts";
import { answerColumns, readRow, ROW_COLUMNS } from "./delivery-row.ts";
import { type Database, inTransaction } from "./database.ts";
import type { LogRecord } from "./log/record.ts";

/** A delivery from a team's log. */
export interface TeamDelivery {
  readonly delivery: Delivery;
  readonly verification: Verification;
  readonly environment: string;
  readonly answer?: Answer | undefined;
  /** Its number in the log. */
  readonly seq: number;
  /** The label of the member that received it. */
  readonly member: string;
  /** Whether it is to be forwarded to the app. */
  readonly isDue: boolean;
}

/** How far this machine is in a team's log. */
export interface TeamProgress {
  /** The last delivery of the log that is stored here. */
  readonly position: number;
  /** The last delivery received here that is stored in the log, by its local `seq`. */
  readonly shipped: number;
}

/** The deliveries that this machine shares with a team. Every method rejects with `store_unavailable` on failure. */
export interface TeamStore {
  /** Begins with the position if this machine has none in the log. */
  progress(log: string, position: number): Promise<TeamProgress>;
  /**
   * Stores deliveries of the log and the position after them, in one transaction. A delivery that is stored already
   * stays as it is.
   */
  receive(log: string, position: number, deliveries: readonly TeamDelivery[]): Promise<void>;
  /**
   * The next deliveries that were received here for the log, up to the number and about the bytes. Requests that were
   * refused are left out.
   */
  outbox(
    log: string,
    afterSeq: number,
    limit: { readonly rows: number; readonly bytes: number },
  ): Promise<StoredDelivery[]>;
  /** Records up to where the log contains what was received here. */
  shipped(log: string, seq: number): Promise<void>;
  /** How many deliveries wait to be shipped. */
  waiting(log: string): Promise<number>;
  /** The log ends before the position: what was received here and is beyond its end will be shipped again. */
  rewind(log: string, head: number): Promise<void>;
}

type Write = <Result>(work: (database: Database) => Result) => Promise<Result>;

/** `onStored` gets the places of the feed. */
export function openTeamStore(
  { write, read }: { readonly write: Write; readonly read: Write },
  onStored: (places: PlaceRange) => void,
): TeamStore {
  let prepared: { readonly database: Database; readonly apply: ReturnType<typeof prepareApply> } | undefined;
  const applyTo = (database: Database) => {
    if (prepared?.database !== database) prepared = { database, apply: prepareApply(database) };
    return prepared.apply;
  };
  return {
    progress: (log, position) =>
      write((database) => {
        database.prepare("INSERT INTO team_logs VALUES (?, ?, 0) ON CONFLICT DO NOTHING").run([log, position]);
        const row = database.prepare("SELECT position, shipped FROM team_logs WHERE log = ?").get([log]);
        return { position: Number(row?.["position"]), shipped: Number(row?.["shipped"]) };
      }),
    async receive(log, position, deliveries) {
      const places = await write((database) =>
        inTransaction(database, () => {
          const known = knownIn(database, deliveries);
          noteOwn(database, deliveries, known);
          const fresh = deliveries.filter(({ delivery: { id } }, at) => {
            return !known.has(id) && deliveries.findIndex((each) => each.delivery.id === id) === at;
          });
          const records = fresh.flatMap((each) => recordsOf(log, each));
          const applied = records.length === 0 ? undefined : applyTo(database)(records);
          database.prepare("UPDATE team_logs SET position = ? WHERE log = ?").run([position, log]);
          return applied?.places;
        }),
      );
      if (places !== undefined) onStored(places);
    },
    outbox: (log, afterSeq, limit) => read((database) => readOutbox(database, log, afterSeq, limit)),
    shipped: (log, seq) =>
      write((database) => {
        database.prepare("UPDATE team_logs SET shipped = ? WHERE log = ? AND shipped < ?").run([seq, log, seq]);
      }),
    waiting: (log) =>
      read((database) =>
        Number(
          database
            .prepare(
              `SELECT count(*) AS count FROM team_deliveries t JOIN deliveries d USING (seq)
              WHERE t.log = ?1 AND t.member IS NULL AND ${IS_SHARED}
              AND t.seq > coalesce((SELECT shipped FROM team_logs WHERE log = ?1), 0)`,
            )
            .get([log])?.["count"],
        ),
      ),
    rewind: (log, head) =>
      write((database) =>
        inTransaction(database, () => {
          const first = database
            .prepare(
              `SELECT min(seq) AS seq FROM team_deliveries
              WHERE log = ?1 AND member IS NULL AND (log_seq > ?2 OR log_seq IS NULL)`,
            )
            .get([log, head])?.["seq"];
          database
            .prepare("UPDATE team_logs SET position = ?2, shipped = min(shipped, ?3) WHERE log = ?1")
            .run([log, head, first == null ? Number.MAX_SAFE_INTEGER : Number(first) - 1]);
        }),
      ),
  };
}

/** A request answered 401, or of which only the beginning is kept, is not an event of Bluum. */
const IS_SHARED = `NOT EXISTS (SELECT 1 FROM unverified u WHERE u.seq = d.seq AND u.cut_from IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.seq = d.seq AND a.status = 401)`;

function knownIn(database: Database, deliveries: readonly TeamDelivery[]): Set<string> {
  const ids = JSON.stringify(deliveries.map(({ delivery }) => delivery.id));
  const rows = database.prepare("SELECT id FROM deliveries WHERE id IN (SELECT value FROM json_each(?))").all([ids]);
  return new Set(rows.map((row) => String(row["id"])));
}

/** Records the numbers that deliveries received here have in the log. */
function noteOwn(database: Database, deliveries: readonly TeamDelivery[], known: ReadonlySet<string>): void {
  const note = database.prepare(
    "UPDATE team_deliveries SET log_seq = ? WHERE seq = (SELECT seq FROM deliveries WHERE id = ?)",
  );
  for (const { delivery, seq } of deliveries) if (known.has(delivery.id)) note.run([seq, delivery.id]);
}

function recordsOf(log: string, each: TeamDelivery): LogRecord[] {
  const { delivery, verification, environment, answer, seq, member, isDue } = each;
  const { id, method, path, headers, body, receivedAt, event, resourceId, identity, cutFrom } = delivery;
  const isUnverified = cutFrom !== undefined || BAD_VERDICTS.includes(verification.verdict);
  const record: LogRecord = {
    type: "delivery",
    delivery: {
      id,
      method,
      path,
      headers,
      body,
      receivedAt,
      event,
      resourceId,
      environment,
      verification,
      identityKey: identity.key,
      ...(isUnverified ? { unverified: { cutFrom: cutFrom ?? null } } : {}),
      team: { log, isDue, origin: { seq, member } },
    },
  };
  return answer === undefined ? [record] : [record, { type: "answers", answers: [[id, ...answerColumns(answer)]] }];
}

function readOutbox(
  database: Database,
  log: string,
  afterSeq: number,
  limit: { readonly rows: number; readonly bytes: number },
): StoredDelivery[] {
  const sizes = database
    .prepare(
      `SELECT t.seq, length(d.body) + length(d.head) AS bytes FROM team_deliveries t JOIN deliveries d USING (seq)
      WHERE t.log = ? AND t.member IS NULL AND t.seq > ? AND ${IS_SHARED} ORDER BY t.seq LIMIT ?`,
    )
    .all([log, afterSeq, limit.rows]);
  let bytes = 0;
  const end = sizes.findIndex((row, at) => (bytes += Number(row["bytes"])) > limit.bytes && at > 0);
  const chosen = sizes.slice(0, end === -1 ? sizes.length : end).map((row) => Number(row["seq"]));
  return database
    .prepare(
      `SELECT ${ROW_COLUMNS} FROM deliveries LEFT JOIN answers USING (seq)
      WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`,
    )
    .all([JSON.stringify(chosen)])
    .map(readRow);
}
