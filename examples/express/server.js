// A Bluum webhook endpoint in Express.
//
//   PORT=3000 BLUUM_WEBHOOK_SECRET=whsec_… node server.js
//   bluum-hooks listen --forward-to 3000
//
// It keeps its books in memory; an app would keep them in its database.
import { createHash } from "node:crypto";
import express from "express";
import { Webhook } from "standardwebhooks";

const { PORT = "3000", BLUUM_WEBHOOK_SECRET, DEDUPLICATE_BY = "event" } = process.env;

const seen = new Set();
const orders = new Map();
const transfers = new Map();
let processed = 0;

/**
 * What makes two deliveries the same event. Never `data.id` alone: that is the order, and its acceptance and its fill
 * carry the same one. DEDUPLICATE_BY=data.id shows what happens to whoever does it all the same. Without an id of its own an
 * event is the exact bytes of its body: two partial fills can share their name, their order and their second.
 */
function identityOf({ headers, body }, { id, event_id, data }) {
  if (DEDUPLICATE_BY === "data.id") return data?.id;
  return id ?? event_id ?? headers["webhook-id"] ?? createHash("sha256").update(body).digest("hex");
}

/** How far along an order or a transfer is, by the last word of its events' names. */
const STEPS = ["initiated", "accepted", "partially_filled", "filled", "completed", "canceled", "rejected", "failed"];

/** Events may overtake one another: a fill that came first is not undone by the acceptance. */
function advance(books, id, status) {
  const step = (name) => STEPS.indexOf(name?.split(".").at(-1));
  if (step(status) >= step(books.get(id))) books.set(id, status);
}

function handle({ event, data }) {
  processed += 1;
  const [domain, ...action] = String(event).split(".");
  if (domain === "order") advance(orders, data?.id, action.join("."));
  if (domain === "transfer") advance(transfers, data?.id, action.join("."));
  // Whatever else comes is Bluum's to add: not an error.
}

const app = express();
app.disable("x-powered-by");

// The signature is over the bytes as they came. Parsing first and writing JSON again would change them.
app.post("/webhooks/bluum", express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
  if (!request.is("application/json")) return response.status(415).send("JSON only\n");
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return response.status(400).send("empty\n");
  if (BLUUM_WEBHOOK_SECRET) {
    try {
      new Webhook(BLUUM_WEBHOOK_SECRET).verify(request.body, request.headers, { jsonParse: false });
    } catch {
      return response.status(401).send("bad signature\n");
    }
  }
  let payload;
  try {
    payload = JSON.parse(request.body.toString("utf8"));
  } catch {
    return response.status(400).send("not JSON\n");
  }
  if (payload === null || typeof payload !== "object") return response.status(400).send("not an event\n");
  const identity = identityOf(request, payload);
  if (seen.has(identity)) return response.status(200).send("known\n");
  seen.add(identity);
  // Answer first, work then: Bluum waits for 30 seconds, and takes anything slower for a failure.
  setImmediate(handle, payload);
  return response.status(200).send("thanks\n");
});

/** What the app knows, for `bluum-hooks check --state http://localhost:3000/state`. */
app.get("/state", (_request, response) => {
  response.json({ processed, orders: Object.fromEntries(orders), transfers: Object.fromEntries(transfers) });
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
  if (!BLUUM_WEBHOOK_SECRET) console.log("BLUUM_WEBHOOK_SECRET is not set: signatures are not checked");
});
