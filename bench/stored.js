// Stores with many deliveries, written with the program's own schema, so that they equal those of a listener.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url));
const EVENTS = ["order.accepted", "order.filled", "transfer.deposit.initiated", "transfer.deposit.completed"];
const SYMBOLS = ["AAPL", "MSFT", "NVDA", "SPY", "TSLA"];
const STEP_MS = 10;
/** One delivery in this many was forwarded, failed, had a bad signature, or was a retry. */
const FORWARDED = 5;
const FAILED = 100;
const BAD = 250;
const REPEATED = 50;
/** Ids and keys are hashes: with ten million of them, each goes to another page. */
const CACHE_KB = 4_000_000;
/** Places in a part of the text index. */
const PART = 32_768;

const require = createRequire(import.meta.url);
/** Node's own SQLite, or libsql without it, as the program chooses. */
function openDatabase(/** @type {string} */ file) {
  try {
    const { DatabaseSync } = require("node:sqlite");
    return new DatabaseSync(file);
  } catch {
    const Database = require("libsql");
    return new Database(file);
  }
}

export function runEvents(/** @type {string} */ home, /** @type {string[]} */ args) {
  const { status, stderr } = spawnSync(process.execPath, [BIN, "events", ...args], {
    env: { PATH: process.env.PATH, BLUUM_HOOKS_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
}

const hex = (/** @type {string} */ algorithm, /** @type {number} */ index) =>
  createHash(algorithm).update(String(index)).digest("hex");

/** Two deliveries for each order or transfer. */
const resourceOf = (/** @type {number} */ index) => `ord_${hex("sha1", index >> 1).slice(0, 16)}`;
const idOf = (/** @type {number} */ index) => `dlv_${hex("sha256", index).slice(0, 16)}`;

/** A payload of half a kilobyte. */
function bodyOf(/** @type {number} */ index, /** @type {number} */ at) {
  const time = new Date(at).toISOString();
  const data = {
    id: resourceOf(index),
    investor_id: `inv_${hex("sha1", index % 5_000).slice(0, 16)}`,
    symbol: SYMBOLS[index % SYMBOLS.length],
    side: index % 2 === 0 ? "buy" : "sell",
    type: "market",
    time_in_force: "day",
    quantity: String(index % 100),
    status: "filled",
    filled_quantity: String(index % 100),
    remaining_quantity: "0",
    average_price: (100 + ((index * 37) % 100_000) / 100).toFixed(2),
    submitted_at: time,
    filled_at: time,
    client_order_id: hex("md5", index),
  };
  return JSON.stringify({ event: EVENTS[index % EVENTS.length], timestamp: time, data });
}

/** Creates a store with this number of deliveries, the newest received just now. */
export function makeStore(/** @type {string} */ home, /** @type {number} */ count) {
  runEvents(home, ["prune", "--older-than", "9000d", "--yes"]);
  const database = openDatabase(join(home, "store.db"));
  database.exec(`PRAGMA synchronous = OFF; PRAGMA cache_size = ${-CACHE_KB}`);
  // An index that is filled in order takes a fraction of the time.
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    .all();
  database.exec(["BEGIN", ...indexes.map(({ name }) => `DROP INDEX ${name}`)].join("; "));
  const delivery = database.prepare(
    "INSERT INTO deliveries VALUES (?, ?, 'sandbox', ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)",
  );
  const answer = database.prepare("INSERT INTO answers (seq, status, duration_ms, place) VALUES (?, ?, 1.5, ?)");
  const identity = database.prepare(
    "INSERT INTO identities (environment, key, first_id, attempts, acknowledged, last_received_at) VALUES ('sandbox', ?, ?, 1, 1, ?)",
  );
  const forward = database.prepare(
    "INSERT INTO forwards (seq, delivery_seq, cause, url, started_at, duration_ms, status, headers, body, body_bytes) VALUES (?, ?, 'live', 'http://localhost:3000/', ?, ?, ?, '[]', x'', 0)",
  );
  const head = JSON.stringify(["POST", "/webhooks/bluum", [["content-type", "application/json"]]]);
  const start = Date.now() - count * STEP_MS;
  let place = 0;
  for (let index = 0; index < count; index += 1) {
    const at = start + index * STEP_MS;
    const key = hex("sha256", index);
    const verdict = index % BAD === 7 ? "mismatch" : "verified";
    const status = index % FAILED === 5 ? 500 : 200;
    const [recurrence, attempt] = index % REPEATED === 9 ? ["retry", 2] : ["first", 1];
    const [event, resource] = [EVENTS[index % EVENTS.length], resourceOf(index)].map((text) => JSON.stringify(text));
    place += 1;
    const seq = place;
    delivery.run(
      seq,
      idOf(index),
      at,
      event,
      resource,
      key,
      verdict,
      JSON.stringify({ verdict }),
      recurrence,
      attempt,
      head,
      Buffer.from(bodyOf(index, at)),
    );
    place += 1;
    answer.run(seq, status, place);
    identity.run(key, idOf(index), at);
    if (index % FORWARDED !== 0) continue;
    place += 1;
    forward.run(place, seq, at, 5 + (index % 20), status);
  }
  database.prepare("UPDATE feed_end SET place = ?").run(place);
  database.exec(["COMMIT", ...indexes.map(({ sql }) => sql)].join("; "));
  database.close();
  return { home, ...storedNames(count) };
}

/** How many parts of the text index are filled. */
export function countParts(/** @type {string} */ home) {
  if (!existsSync(join(home, "search.db"))) return 0;
  const database = openDatabase(join(home, "search.db"));
  try {
    return Number(database.prepare("SELECT count(*) AS count FROM parts").get()?.count);
  } catch {
    // It is being created.
    return 0;
  } finally {
    database.close();
  }
}

/** A delivery in the middle of a store, far from both ends, and how many parts its text index has. */
export function storedNames(/** @type {number} */ count) {
  const middle = count >> 1;
  const places = 2 * count + Math.ceil(count / FORWARDED);
  return { id: idOf(middle), resource: resourceOf(middle), parts: Math.floor(places / PART) };
}
