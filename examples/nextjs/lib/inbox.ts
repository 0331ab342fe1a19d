// Stores each event of Bluum once, and processes it after the answer.
import { createHash } from "node:crypto";
import Database from "libsql";
import { Webhook } from "standardwebhooks";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The fields of both forms of the payload. */
interface Event {
  readonly id?: string;
  readonly event_id?: string;
  readonly event?: string;
  readonly event_type?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * The identity of an event: its own ID if it has one, otherwise the exact bytes of its body. It is never `data.id`, the
 * order's ID: the acceptance and the fill of an order share it.
 */
function eventKey(event: Event, headers: Headers, body: Buffer): string {
  const own = event.id ?? event.event_id ?? headers["webhook-id"];
  return createHash("sha256")
    .update(own === undefined ? body : `id ${String(own)}`)
    .digest("hex");
}

export class Inbox {
  readonly #webhook: Webhook;
  readonly #database: Database.Database;
  readonly #add: Database.Statement;
  readonly #mark: Database.Statement;

  constructor(file: string, secret: string | undefined) {
    if (!secret) throw new Error("BLUUM_WEBHOOK_SECRET is not set: it is the signing secret of your webhook");
    this.#webhook = new Webhook(secret);
    this.#database = new Database(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, body TEXT NOT NULL, processed INTEGER NOT NULL DEFAULT 0);
      CREATE INDEX IF NOT EXISTS pending_events ON events (processed) WHERE processed = 0;
      CREATE TABLE IF NOT EXISTS statuses (id TEXT PRIMARY KEY, kind TEXT, status TEXT, step INTEGER);
    `);
    this.#add = this.#database.prepare("INSERT INTO events (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#mark = this.#database.prepare("UPDATE events SET processed = 1 WHERE key = ? AND processed = 0");
    this.processPending(); // events that were stored before a crash
  }

  /** The status with which to answer a delivery. `body` has the bytes as received. */
  receive(headers: Headers, body: Buffer): number {
    if (!/^application\/json\b/i.test(String(headers["content-type"] ?? ""))) return 415;
    if (!this.#isSignedByBluum(headers, body)) return 401;
    const event = parseEvent(body);
    if (event === undefined) return 400;
    this.#add.run(eventKey(event, headers, body), body.toString());
    // Answer as soon as it is stored: after 30 seconds without an answer Bluum counts a failure.
    setImmediate(() => this.processPending());
    return 200; // also for a duplicate, otherwise Bluum retries
  }

  #isSignedByBluum(headers: Headers, body: Buffer): boolean {
    try {
      this.#webhook.verify(body, headers as Record<string, string>, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  }

  processPending(): void {
    const pending = this.#database.prepare("SELECT key, body FROM events WHERE processed = 0").all();
    for (const { key, body } of pending as { key: string; body: string }[]) {
      try {
        this.#processOnce(key, JSON.parse(body) as Event);
      } catch (error) {
        console.error(`Event ${key} stays pending:`, error);
      }
    }
  }

  /** A crash leaves nothing half done: the mark and the effect of an event are one transaction. */
  #processOnce(key: string, event: Event): void {
    this.#database.transaction(() => {
      if (this.#mark.run(key).changes === 1) this.#apply(event);
    })();
  }

  /** What your app does with an event. Other events are not an error: Bluum may add new ones. */
  #apply(event: Event): void {
    const name = String(event.event ?? event.event_type);
    const data = event.data ?? {};
    const id = data["id"] ?? data["order_id"] ?? data["transfer_id"] ?? data["deposit_id"] ?? data["withdrawal_id"];
    const [, kind, status = ""] = /^(order|transfer)\.(.+)$/.exec(name) ?? [];
    if (id === undefined || kind === undefined) return;
    // Events can arrive out of order: an acceptance must not replace a fill that came first.
    this.#database
      .prepare(
        `INSERT INTO statuses VALUES (?, ?, ?, ?) ON CONFLICT (id)
         DO UPDATE SET status = excluded.status, step = excluded.step WHERE excluded.step >= step`,
      )
      .run(id, kind, status, STEPS.indexOf(status.split(".").at(-1) ?? ""));
  }

  /** The state of the app, for `bluum-hooks check --state`. */
  state() {
    const count = this.#database.prepare("SELECT COUNT(*) AS processed FROM events WHERE processed = 1").get();
    const rows = this.#database.prepare("SELECT id, kind, status FROM statuses").all() as {
      id: string;
      kind: string;
      status: string;
    }[];
    const of = (wanted: string) =>
      Object.fromEntries(rows.filter(({ kind }) => kind === wanted).map(({ id, status }) => [id, status]));
    return { processed: (count as { processed: number }).processed, orders: of("order"), transfers: of("transfer") };
  }
}

/** The progress of an order or a transfer, by the last part of its event names. */
const STEPS = ["initiated", "accepted", "partially_filled", "filled", "completed", "canceled", "rejected", "failed"];

/** The event in a body; undefined if it is empty, malformed or not an object. */
function parseEvent(body: Buffer): Event | undefined {
  try {
    const event: unknown = JSON.parse(body.toString());
    return event !== null && typeof event === "object" ? event : undefined;
  } catch {
    return undefined;
  }
}
