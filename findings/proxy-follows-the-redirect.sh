#!/usr/bin/env bash
# A handler of webhooks redirects to /login, because a session is missing. A gateway written in Node.js stands in front of it.
#
# Guess: the sender gets the redirect and counts the delivery as failed; a proxy does not follow redirects.
# Seen:  so it is with http-proxy, h3 and express-http-proxy. Hono's `proxy()` calls fetch and leaves `redirect` at "follow".
#        After 303 the app gets a GET of /login without a body, and the sender the 200 of the login page. After 302 the gateway
#        answers 500: fetch cannot send the body, a stream, a second time, and throws, although a GET would follow.
# So:    after 303 the delivery is lost, and both sides count it as delivered. Give `proxy()` the option `redirect: "manual"`.
set -euo pipefail

packages=(hono@4.13.19 @hono/node-server@2.1.9 h3@2.0.8 express@5.3.0 express-http-proxy@2.1.2 http-proxy@1.18.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import forward from "express-http-proxy";
import { H3, proxyRequest, toNodeHandler } from "h3";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import httpProxy from "http-proxy";

const listen = async (listener) => {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
};
let requests = [];
const app = await listen((request, response) => {
  requests.push(`${request.method} ${request.url}`);
  request.resume();
  const status = Number(request.url.slice(1));
  if (status > 0) response.writeHead(status, { location: "/login" });
  response.end("please log in");
});
const hono = (options) => new Hono().all("/*", (c) => proxy(app + c.req.path, { ...c.req, ...options }));
const gateways = {
  "http-proxy": (request, response) => httpProxy.createProxyServer({ target: app }).web(request, response),
  "express-http-proxy": express().use(forward(app)),
  "h3, proxyRequest": toNodeHandler(new H3().all("/**", (event) => proxyRequest(event, app + event.url.pathname))),
  "hono, proxy": getRequestListener(hono().fetch),
  "hono, proxy with redirect manual": getRequestListener(hono({ redirect: "manual" }).fetch),
};
console.error = () => {};
for (const [name, listener] of Object.entries(gateways)) {
  for (const status of [302, 303]) {
    requests = [];
    const answer = await fetch(`${await listen(listener)}/${status}`, { method: "POST", body: "{}", redirect: "manual" });
    console.log(`${name}: the sender gets ${answer.status}, the app got ${requests.join(", then ")}`);
  }
}
process.exit();
END

cat >expected.txt <<'END'
http-proxy: the sender gets 302, the app got POST /302
http-proxy: the sender gets 303, the app got POST /303
express-http-proxy: the sender gets 302, the app got POST /302
express-http-proxy: the sender gets 303, the app got POST /303
h3, proxyRequest: the sender gets 302, the app got POST /302
h3, proxyRequest: the sender gets 303, the app got POST /303
hono, proxy: the sender gets 500, the app got POST /302
hono, proxy: the sender gets 200, the app got POST /303, then GET /login
hono, proxy with redirect manual: the sender gets 302, the app got POST /302
hono, proxy with redirect manual: the sender gets 303, the app got POST /303
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
