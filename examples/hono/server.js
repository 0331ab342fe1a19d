// A Bluum webhook endpoint in Hono, on Node.js: see README.md.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Inbox } from "./inbox.js";

const { PORT = "3000", DATABASE = "events.db", BLUUM_WEBHOOK_SECRET } = process.env;
const inbox = new Inbox(DATABASE, BLUUM_WEBHOOK_SECRET);

const app = new Hono();

app.post("/webhooks/bluum", bodyLimit({ maxSize: 1_048_576 }), async (c) => {
  // The signature covers the raw bytes: read them before anything parses them.
  const body = Buffer.from(await c.req.arrayBuffer());
  // c.req.header() is a plain object, as signature libraries expect.
  return c.body(null, inbox.receive(c.req.header(), body));
});

app.get("/state", (c) => c.json(inbox.state()));

serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`listening on http://localhost:${port}`);
});
