#!/usr/bin/env bash
# A sender may compress a body (`content-encoding: gzip`), and sign the bytes that it sends.
#
# Guess: a raw body is what came over the wire: express.raw(), the `verify` hook of express.json(), Koa's `rawBody`.
# Seen:  all three return the inflated bytes. hapi returns those of the wire, if `parse` is false.
#        Express with `inflate: false` does not return the compressed bytes, but refuses them with 415.
# So:    know which of the two your sender signs; for compressed bytes, read the stream yourself.
set -euo pipefail

packages=(express@5.3.0 koa@3.3.0 koa-bodyparser@4.4.1 @hapi/hapi@21.4.10)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import Hapi from "@hapi/hapi";
import express from "express";
import Koa from "koa";
import bodyParser from "koa-bodyparser";

const plain = Buffer.from(JSON.stringify({ id: "evt_1", event: "order.filled" }));
const sent = gzipSync(plain);
const name = (body) => (sent.equals(Buffer.from(body)) ? "as sent" : plain.equals(Buffer.from(body)) ? "inflated" : "else");
const deliver = async (port) => {
  const headers = { "content-type": "application/json", "content-encoding": "gzip", connection: "close" };
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body: sent });
  return answer.status === 200 ? answer.text() : `${answer.status}`;
};
const keep = { verify: (request, _response, bytes) => (request.kept = bytes) };
const koa = new Koa().use(bodyParser()).use((context) => (context.body = name(context.request.rawBody)));
const apps = {
  "express.raw()": express().post("/", express.raw({ type: "*/*" }), (request, response) => response.send(name(request.body))),
  "express.raw({ inflate: false })": express()
    .use(express.raw({ type: "*/*", inflate: false }))
    .use((error, _request, response, _next) => response.sendStatus(error.status)),
  "express.json({ verify })": express().post("/", express.json(keep), (request, response) => response.send(name(request.kept))),
  "koa-bodyparser's rawBody": koa.callback(),
};
for (const [title, app] of Object.entries(apps)) {
  const server = createServer(app);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  console.log(`${title}: ${await deliver(server.address().port)}`);
  server.close();
}
for (const parse of [false, "gunzip"]) {
  const server = Hapi.server({ port: 0, host: "127.0.0.1" });
  const payload = { parse, output: "data" };
  server.route({ method: "POST", path: "/", options: { payload }, handler: (request) => name(request.payload) });
  await server.start();
  console.log(`hapi, parse ${parse}: ${await deliver(server.info.port)}`);
  await server.stop();
}
END

cat >expected.txt <<'END'
express.raw(): inflated
express.raw({ inflate: false }): 415
express.json({ verify }): inflated
koa-bodyparser's rawBody: inflated
hapi, parse false: as sent
hapi, parse gunzip: inflated
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
