// A Bluum webhook endpoint in Express that processes each event once, with a table in SQLite.
//
//   PORT=3000 BLUUM_WEBHOOK_SECRET=whsec_… node server.js
//   bluum-hooks check http://localhost:3000/webhooks/bluum --state http://localhost:3000/state
import { createHash } from "node:crypto";
import express from "express";
import Database from "libsql";
import { Webhook } from "standardwebhooks";

const { PORT = "3000", BLUUM_WEBHOOK_SECRET, DATABASE = "events.db" } = process.env;

const webhook = new Webhook(BLUUM_WEBHOOK_SECRET);
const database = new Database(DATABASE);
database.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, status TEXT, step INTEGER)");

function isSignedByBluum({ headers, body }) {
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

/** The event in a body, or undefined if it is empty, malformed or not an object. */
function parseEvent(body) {
  try {
    const event = JSON.parse(body.toString());
    return event !== null && typeof event === "object" ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The progress of an order: events can arrive out of order, and an acceptance must not replace a fill. */
const STEPS = ["accepted", "partially_filled", "filled", "canceled", "rejected"];
const advance = database.prepare(
  `INSERT INTO orders VALUES (?, ?, ?) ON CONFLICT (id)
   DO UPDATE SET status = excluded.status, step = excluded.step WHERE excluded.step >= orders.step`,
);

/** What your app does with an event. Other events are not an error: Bluum may add new ones. */
function apply({ event, data }) {
  const [domain, status] = String(event).split(".");
  if (domain === "order") advance.run(String(data?.id), status, STEPS.indexOf(status));
}

const app = express();

database.exec("CREATE TABLE IF NOT EXISTS handled_events (key TEXT PRIMARY KEY, at INTEGER)");
const add = database.prepare("INSERT INTO handled_events VALUES (?, ?) ON CONFLICT DO NOTHING");

function eventKey(event, { headers, body }) {
  const own = event.id ?? event.event_id ?? headers["webhook-id"];
  const text = own === undefined ? body : `id ${own}`;
  return createHash("sha256").update(text).digest("hex");
}

const processOnce = database.transaction((key, event) => {
  if (add.run(key, Date.now()).changes === 0) return; // already processed
  apply(event);
});

const raw = express.raw({ type: () => true, limit: "1mb" });
app.post("/webhooks/bluum", raw, (request, response) => {
  if (!request.is("application/json")) return response.sendStatus(415);
  if (!isSignedByBluum(request)) return response.sendStatus(401);
  const event = parseEvent(request.body); // undefined if it is empty or malformed
  if (event === undefined) return response.sendStatus(400);
  processOnce(eventKey(event, request), event);
  return response.sendStatus(200); // also for a duplicate, otherwise Bluum retries
});

/** The state of the app, for `bluum-hooks check --state http://localhost:3000/state`. */
app.get("/state", (_request, response) => {
  response.json(database.prepare("SELECT status, COUNT(*) AS orders FROM orders GROUP BY status").all());
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
