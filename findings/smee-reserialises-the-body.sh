#!/usr/bin/env bash
# smee-client reads deliveries from a channel (a stream of events) and posts them to an app on the same machine. The channel
# here is one of our own, on loopback.
#
# Guess: a tunnel for webhooks forwards a body unchanged, since the signature covers it.
# Seen:  it parses the body and writes it with JSON.stringify: 178.50 becomes 178.5, a long ID is rounded, spaces and escapes
#        are lost. The signature header is forwarded unchanged, and no longer matches.
# So:    a wrong signature behind smee need not be a wrong secret; try a delivery that came without it.
set -euo pipefail

packages=(smee-client@5.0.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { SmeeClient } from "smee-client";

const listen = async (server) => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}/`;
};
let received;
const app = createServer(async (request, response) => {
  const parts = await request.toArray();
  response.end();
  received(`${Buffer.concat(parts)} with x-signature ${request.headers["x-signature"]}`);
});
let send;
const channel = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("event: ready\ndata: {}\n\n");
  send = (text) => response.write(`data: ${text}\n\n`);
});
const client = new SmeeClient({
  source: await listen(channel),
  target: await listen(app),
  logger: { info() {}, error: console.error },
});
await client.start();

const bodies = ['{"id":1,"side":"buy"}', '{"amount":178.50}', '{"id":12345678901234567890}', '{"path":"a\\/b"}', '{ "id": 1 }'];
for (const body of bodies) {
  const arrival = new Promise((resolve) => (received = resolve));
  send(`{"body":${body},"query":{},"content-type":"application/json","x-signature":"s"}`);
  console.log(`${body} -> ${await arrival}`);
}
await client.stop();
for (const server of [app, channel]) {
  server.close();
  server.closeAllConnections();
}
END

cat >expected.txt <<'END'
{"id":1,"side":"buy"} -> {"id":1,"side":"buy"} with x-signature s
{"amount":178.50} -> {"amount":178.5} with x-signature s
{"id":12345678901234567890} -> {"id":12345678901234567000} with x-signature s
{"path":"a\/b"} -> {"path":"a/b"} with x-signature s
{ "id": 1 } -> {"id":1} with x-signature s
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
