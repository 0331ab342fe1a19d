// A Bluum webhook endpoint in Express.
//
//   PORT=3000 BLUUM_WEBHOOK_SECRET=whsec_… node server.js
//   bluum-hooks listen --forward-to 3000
//
// It keeps its state in memory; a real app would use its database.
import { createHash } from "node:crypto";
import express from "express";
import { Webhook } from "standardwebhooks";

const { PORT = "3000", BLUUM_WEBHOOK_SECRET, DEDUPLICATE_BY = "event" } = process.env;

const seen = new Set();
const orders = new Map();
const transfers = new Map();
let processed = 0;

/**
 * The key of an event. Two deliveries with the same key are the same event. Never use `data.id` alone: it is the ID of the
 * order, and the order's acceptance and its fill share it (DEDUPLICATE_BY=data.id shows the result). Without an event ID,
 * hash the exact bytes of the body: two partial fills can have the same name, order and second.
 */
function identityOf({ headers, body }, { id, event_id, data }) {
  if (DEDUPLICATE_BY === "data.id") return data?.id;
  return id ?? event_id ?? headers["webhook-id"] ?? createHash("sha256").update(body).digest("hex");
}

/** The progress of an order or a transfer, by the last part of its event names. */
const STEPS = ["initiated", "accepted", "partially_filled", "filled", "completed", "canceled", "rejected", "failed"];

/** Events can arrive out of order: an acceptance must not replace a fill that came first. */
function advance(statuses, id, status) {
  const step = (name) => STEPS.indexOf(name?.split(".").at(-1));
  if (step(status) >= step(statuses.get(id))) statuses.set(id, status);
}

function handle({ event, data }) {
  processed += 1;
  const [domain, ...action] = String(event).split(".");
  if (domain === "order") advance(orders, data?.id, action.join("."));
  if (domain === "transfer") advance(transfers, data?.id, action.join("."));
  // Other events are not an error: Bluum may add new ones.
}

const app = express();
app.disable("x-powered-by");

// The signature covers the raw bytes. Parsing and serialising the JSON again would change them.
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
  // Answer first, then process: after 30 seconds without an answer Bluum counts a failure.
  setImmediate(handle, payload);
  return response.status(200).send("thanks\n");
});

/** The state of the app, for `bluum-hooks check --state http://localhost:3000/state`. */
app.get("/state", (_request, response) => {
  response.json({ processed, orders: Object.fromEntries(orders), transfers: Object.fromEntries(transfers) });
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
  if (!BLUUM_WEBHOOK_SECRET) console.log("BLUUM_WEBHOOK_SECRET is not set: signatures are not verified");
});
