#!/usr/bin/env bash
# A job reads the list of orders with a client that repeats a GET by itself. Once the connection breaks in the middle of the
# answer, and once the answer comes too late.
#
# Guess: both are what retries are for, and a GET is safe to repeat: every client asks again.
# Seen:  only got does. ky repeats what fails before the body, and no timeout. axios-retry's default rule leaves out the codes of
#        both, ERR_BAD_RESPONSE and ECONNABORTED. undici's RetryAgent asks for the rest with a Range, and fails if the server
#        sends the whole; its rule leaves out UND_ERR_HEADERS_TIMEOUT.
# So:    test these two failures, not a 503; read the body inside of what is repeated.
set -euo pipefail

packages=(got@14.6.6 ky@1.14.3 axios@1.21.1 axios-retry@4.5.0 undici@7.30.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import axios from "axios";
import axiosRetry from "axios-retry";
import got from "got";
import ky from "ky";
import { Agent, request, RetryAgent } from "undici";

let asked = 0;
const server = createServer(async (received, response) => {
  asked += 1;
  if (asked > 1) return response.end("all the orders");
  if (received.url === "/late") await setTimeout(3_000);
  response.writeHead(200, { "content-length": 14 }).write("all the");
  await setTimeout(50);
  response.destroy();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const timeout = 500;
const clients = {
  got: async (url) => got(url, { timeout: { request: timeout }, retry: { limit: 2 } }).text(),
  ky: async (url) => ky(url, { timeout: 2 * timeout, retry: { limit: 2, backoffLimit: 10 } }).text(),
  "axios-retry": async (url) => {
    const client = axios.create({ timeout });
    axiosRetry(client, { retries: 2 });
    return (await client.get(url)).data;
  },
  "undici's RetryAgent": async (url) => {
    const dispatcher = new RetryAgent(new Agent(), { maxRetries: 2, minTimeout: 10 });
    return (await request(url, { dispatcher, headersTimeout: timeout })).body.text();
  },
};
for (const [name, ask] of Object.entries(clients)) {
  for (const path of ["cut", "late"]) {
    asked = 0;
    const result = await ask(`http://127.0.0.1:${server.address().port}/${path}`).catch((error) => error.code ?? error.name);
    console.log(`${name}, ${path}: ${asked > 1 ? "asked again" : "not asked again"}, ${result}`);
  }
}
process.exit();
END

cat >expected.txt <<'END'
got, cut: asked again, all the orders
got, late: asked again, all the orders
ky, cut: not asked again, TypeError
ky, late: not asked again, TimeoutError
axios-retry, cut: not asked again, ERR_BAD_RESPONSE
axios-retry, late: not asked again, ECONNABORTED
undici's RetryAgent, cut: asked again, UND_ERR_REQ_RETRY
undici's RetryAgent, late: not asked again, UND_ERR_HEADERS_TIMEOUT
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
