// An endpoint that verifies what it receives, as Standard Webhooks requires.
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { api, call } from "./bluum.js";

function isAuthentic(secret, headers, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", key).update(content).digest();
  return String(headers["webhook-signature"])
    .split(" ")
    .some((signature) => {
      const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

/** Registers an endpoint for these events; `next(name)` is the data of the next event of this name. */
export async function receive(eventTypeNames) {
  const events = [];
  const waiting = new Set();
  let secret = "";
  const answer = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const isOurs = isAuthentic(secret, request.headers, body);
    response.writeHead(isOurs ? 200 : 401).end();
    if (!isOurs) return;
    events.push(JSON.parse(body));
    for (const look of waiting) look();
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/webhooks/bluum`;
  const created = await call("POST", "/webhooks", { name: "Integration tests", url, eventTypeNames });
  const webhook = api.webhook(created);
  secret = webhook.secret;
  return {
    next: (name) =>
      new Promise((resolve) => {
        const look = () => {
          const at = events.findIndex(({ event }) => event === name);
          if (at === -1) return;
          waiting.delete(look);
          resolve(events.splice(at, 1)[0].data);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      await call("DELETE", `/webhooks/${webhook.id}`);
      server.close();
      server.closeAllConnections();
    },
  };
}
