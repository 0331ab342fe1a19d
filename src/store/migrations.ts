import { AppError } from "../core/errors.ts";
import { type Database, inTransaction } from "./database.ts";
import { identifyByBytes } from "./identify-by-bytes.ts";

/** SQL, or a function for what SQL cannot do. */
type Migration = string | ((database: Database) => void);

/**
 * One entry for each version of the schema; a released entry never changes.
 *
 * `event` and `resource_id` hold JSON string literals (`"order.filled"`, with the quotes): SQLite's text cannot
 * represent every JSON string (lone surrogates and, for one driver, NUL). They are for searching only; values are
 * read from `body`. Answers have a separate table, because updating a delivery's page later would write it twice.
 */
export const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    environment TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    event TEXT,
    resource_id TEXT,
    identity TEXT,
    verdict TEXT NOT NULL,
    verification TEXT NOT NULL,
    recurrence TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    duplicate_of TEXT,
    head TEXT NOT NULL,
    body BLOB NOT NULL
  );
  CREATE INDEX deliveries_by_time ON deliveries (received_at);
  CREATE INDEX deliveries_by_event ON deliveries (event, received_at);
  CREATE INDEX deliveries_by_resource ON deliveries (resource_id, received_at) WHERE resource_id IS NOT NULL;

  CREATE TABLE answers (
    seq INTEGER PRIMARY KEY,
    status INTEGER NOT NULL,
    duration_ms REAL NOT NULL
  );

  CREATE TABLE identities (
    environment TEXT NOT NULL,
    key TEXT NOT NULL,
    first_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    last_received_at INTEGER NOT NULL,
    PRIMARY KEY (environment, key)
  ) WITHOUT ROWID;

  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    environment TEXT NOT NULL,
    base_url TEXT NOT NULL,
    webhook_id TEXT,
    before TEXT,
    after TEXT NOT NULL,
    on_exit TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  );
  CREATE INDEX changes_unsettled ON changes (seq) WHERE state <> 'settled';

  CREATE TABLE lock_holders (
    name TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    since INTEGER NOT NULL,
    what TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE forwards (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery_seq INTEGER NOT NULL,
    cause TEXT NOT NULL,
    url TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    body_bytes INTEGER,
    failure TEXT,
    message TEXT
  );
  CREATE INDEX forwards_by_delivery ON forwards (delivery_seq);
  ALTER TABLE identities ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE log_positions (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE log_positions ADD COLUMN unreadable_records INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE log_positions ADD COLUMN unreadable_bytes INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE changes ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE changes ADD COLUMN sent_at INTEGER;
  UPDATE changes SET unanswered = 1, sent_at = updated_at WHERE state = 'planned';
  `,
  identifyByBytes,
  `
  CREATE TABLE unverified (
    seq INTEGER PRIMARY KEY,
    bytes INTEGER NOT NULL,
    cut_from INTEGER
  );
  `,
  // One counter numbers deliveries, attempts and answers, so that all three can be read in commit order.
  `
  CREATE TABLE feed_end (place INTEGER NOT NULL);
  INSERT INTO feed_end
    SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name IN ('deliveries', 'forwards');
  ALTER TABLE answers ADD COLUMN place INTEGER;
  CREATE UNIQUE INDEX answers_by_place ON answers (place) WHERE place IS NOT NULL;
  `,
  "ALTER TABLE forwards ADD COLUMN sent BLOB",
  // Deliveries that a team shares: without a member, those that were received here.
  `
  CREATE TABLE team_deliveries (
    seq INTEGER PRIMARY KEY,
    log TEXT NOT NULL,
    log_seq INTEGER,
    member TEXT,
    due INTEGER NOT NULL
  );
  CREATE INDEX team_outbox ON team_deliveries (log, seq) WHERE member IS NULL;
  CREATE INDEX team_due ON team_deliveries (log, seq) WHERE due = 1;

  CREATE TABLE team_logs (
    log TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    shipped INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
];

/** Migrates a file to the newest schema, in one transaction. Throws `store_too_new` for a file of a later version. */
export function migrate(database: Database, file: string, migrations: readonly Migration[] = MIGRATIONS): void {
  if (versionOf(database) === migrations.length) return;
  inTransaction(database, () => {
    // Read again: another process may have migrated it while this one waited for the lock.
    const version = versionOf(database);
    if (version > migrations.length) throw tooNew(file);
    for (const migration of migrations.slice(version)) {
      if (typeof migration === "string") database.exec(migration);
      else migration(database);
    }
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

export function tooNew(file: string): AppError {
  return new AppError("store_too_new", `the store ${file} was written by a newer version of bluum-hooks`, {
    hint: "Update with: npm install -g bluum-hooks@latest, or choose another folder with BLUUM_HOOKS_HOME.",
  });
}

/** Version of the schema: the number of applied migrations. */
export function versionOf(database: Database): number {
  return Number(database.prepare("PRAGMA user_version").get([])?.["user_version"]);
}
