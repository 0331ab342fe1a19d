#!/usr/bin/env bash
# GitHub's webhooks are received with the middleware of @octokit/webhooks, in an Express app that parses JSON for all routes.
#
# Guess: it works, or each delivery is refused with an error about the body; if a handler fails late, the sender hears of it.
# Seen:  behind express.json() the sender gets 202 "still processing" after 9 seconds, and no handler ever runs: the middleware
#        waits for the end of a stream that has been read, and a timer answers. So behind express.raw(). It uses `request.body` if
#        that is a text, and `rawBody` if there is one and it is a Uint8Array (`getPayload`). A handler that fails after those
#        9 seconds is a 202 too, and the middleware logs nothing.
# So:    GitHub shows green deliveries that nobody handled. Mount the middleware before the parsers, or keep `rawBody` with their
#        `verify` option; answer at once and let your own queue repeat.
set -euo pipefail

packages=(@octokit/webhooks@14.2.0 express@5.3.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";
import express from "express";

const timeout = 1_000; // instead of 9 seconds
const keep = (request, _response, bytes) => (request.rawBody = bytes);
const fail = async () => {
  await setTimeout(2 * timeout);
  throw new Error("the handler failed");
};
const apps = {
  "no parser": [],
  "express.json()": [express.json()],
  "express.raw()": [express.raw({ type: "*/*" })],
  "express.text()": [express.text({ type: "*/*" })],
  "express.json({ verify })": [express.json({ verify: keep })],
  "no parser, the handler fails late": [],
};
for (const [title, parsers] of Object.entries(apps)) {
  let handled = 0;
  let logged = 0;
  const log = { debug() {}, info() {}, warn() {}, error: () => (logged += 1) };
  const webhooks = new Webhooks({ secret: "a secret of this test", log });
  webhooks.on("push", async () => {
    handled += 1;
    if (title.endsWith("late")) await fail();
  });
  const app = express();
  for (const parser of parsers) app.use(parser);
  app.use(createNodeMiddleware(webhooks, { timeout, log }));
  const server = createServer(app);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const body = JSON.stringify({ ref: "refs/heads/main" });
  const headers = {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": "1",
    "x-hub-signature-256": await webhooks.sign(body),
  };
  const url = `http://127.0.0.1:${server.address().port}/api/github/webhooks`;
  const answer = await fetch(url, { method: "POST", headers, body });
  const text = (await answer.text()).trim();
  await setTimeout(2 * timeout);
  console.log(`${title}: ${answer.status} ${text}, ${handled} handled, ${logged} logged`);
}
process.exit();
END

cat >expected.txt <<'END'
no parser: 200 ok, 1 handled, 0 logged
express.json(): 202 still processing, 0 handled, 0 logged
express.raw(): 202 still processing, 0 handled, 0 logged
express.text(): 200 ok, 1 handled, 0 logged
express.json({ verify }): 200 ok, 1 handled, 0 logged
no parser, the handler fails late: 202 still processing, 1 handled, 0 logged
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
