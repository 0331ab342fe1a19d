#!/usr/bin/env bash
# An API answers 429 or 503 with `Retry-After: 3`. The client's limit for such a wait is lower: half a second here, as an example.
#
# Guess: a wait that is too long ends the attempts; a client never asks earlier than the server wants.
# Seen:  so it is with got. ky (`maxRetryAfter`) and undici's RetryAgent (`maxTimeout`, 30 seconds by default) shorten the wait to
#        their limit, and ask again. With `Retry-After: 120` undici asks every 30 seconds.
# So:    the server counts each early request, and the block becomes longer. Raise the limit above what the API sends.
set -euo pipefail

packages=(got@14.6.6 ky@1.14.3 undici@7.30.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import got from "got";
import ky from "ky";
import { Agent, request, RetryAgent } from "undici";

const limit = 500;
let times = [];
const server = createServer((_request, response) => {
  times.push(performance.now());
  response.writeHead(times.length === 1 ? 503 : 200, { "retry-after": "3" }).end("done");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
const clients = {
  got: () => got(url, { retry: { limit: 2, maxRetryAfter: limit } }).text(),
  ky: () => ky(url, { retry: { limit: 2, maxRetryAfter: limit } }).text(),
  "undici's RetryAgent": async () => {
    const dispatcher = new RetryAgent(new Agent(), { maxRetries: 2, maxTimeout: limit });
    return (await request(url, { dispatcher })).body.text();
  },
};
for (const [name, ask] of Object.entries(clients)) {
  times = [];
  const result = await ask().catch((error) => error.name);
  const wait = times.length > 1 ? times[1] - times[0] : undefined;
  console.log(`${name}: ${wait === undefined ? "not asked again" : `asked again ${wait < 2_500 ? "too early" : "in time"}`}, ${result}`);
}
process.exit();
END

cat >expected.txt <<'END'
got: not asked again, HTTPError
ky: asked again too early, done
undici's RetryAgent: asked again too early, done
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
