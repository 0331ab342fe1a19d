// A Bluum webhook endpoint in Fastify: see README.md.
import Fastify from "fastify";
import { Inbox } from "./inbox.js";

const { PORT = "3000", DATABASE = "events.db", BLUUM_WEBHOOK_SECRET } = process.env;
const inbox = new Inbox(DATABASE, BLUUM_WEBHOOK_SECRET);

const app = Fastify();

// The signature covers the raw bytes. The scope keeps JSON parsing for other routes.
app.register(async (webhooks) => {
  webhooks.removeAllContentTypeParsers();
  const keep = (_request, body, done) => done(null, body);
  webhooks.addContentTypeParser("*", { parseAs: "buffer" }, keep);

  webhooks.post("/webhooks/bluum", { bodyLimit: 1_048_576 }, async (request, reply) => {
    const body = request.body ?? Buffer.alloc(0);
    return reply.code(inbox.receive(request.headers, body)).send();
  });
});

app.get("/state", async () => inbox.state());

const address = await app.listen({ port: Number(PORT), host: "127.0.0.1" });
console.log(`listening on ${address}`);
