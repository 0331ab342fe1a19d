// A Bluum webhook endpoint in Express: see README.md.
import express from "express";
import { Inbox } from "./inbox.js";

const { PORT = "3000", DATABASE = "events.db", BLUUM_WEBHOOK_SECRET } = process.env;
const inbox = new Inbox(DATABASE, BLUUM_WEBHOOK_SECRET);

const app = express();

// The signature covers the raw bytes: this route comes before express.json(), which would parse them.
const raw = express.raw({ type: () => true, limit: "1mb" });
app.post("/webhooks/bluum", raw, (request, response) => {
  const body = request.body ?? Buffer.alloc(0);
  response.sendStatus(inbox.receive(request.headers, body));
});

app.get("/state", (_request, response) => {
  response.json(inbox.state());
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
