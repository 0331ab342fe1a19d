#!/usr/bin/env bash
# Webhooks come to a development machine as server-sent events. The connection breaks, and while the server restarts, the proxy
# in front of it answers 502 to the client that reconnects.
#
# Guess: the client goes on trying, as it does when the connection is refused.
# Seen:  eventsource 2 does, after 500, 502, 503 and 504. eventsource 4 closes for good: so the standard wants it for every
#        status but 200. smee-client 5, which uses it, then keeps running, and gets no webhook any more.
# So:    after an upgrade make a new EventSource when `readyState` is CLOSED; restart a smee-client whose connection closed.
set -euo pipefail

packages=(eventsource2@npm:eventsource@2.0.2 eventsource4@npm:eventsource@4.1.1 smee-client@5.0.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import EventSource2 from "eventsource2";
import { EventSource as EventSource4 } from "eventsource4";
import SmeeClient from "smee-client";

const clients = {
  "eventsource 2.0.2": (url) => {
    const source = new EventSource2(url);
    source.onerror = () => {};
  },
  "eventsource 4.1.1": (url) => {
    new EventSource4(url);
  },
  "smee-client 5.0.0": (source) => {
    const logger = { info() {}, error() {} };
    return new SmeeClient({ source, target: "http://127.0.0.1:9/", logger }).start();
  },
};
// The first connection breaks, the second meets what is asked for, the third stays.
async function connections(connect, second) {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    if (count === 2 && second === "the connection breaks") return response.destroy();
    if (count === 2) return response.writeHead(second).end();
    response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 100\n\n");
    if (count === 1) setTimeout(50).then(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  await connect(`http://127.0.0.1:${server.address().port}/`);
  for (let turn = 0; turn < 30 && count < 3; turn += 1) await setTimeout(100);
  return count;
}
for (const [name, connect] of Object.entries(clients)) {
  for (const second of ["the connection breaks", 502]) {
    const count = await connections(connect, second);
    console.log(`${name}, ${second}: ${count === 3 ? "connects again" : "gives up"}`);
  }
}
process.exit();
END

cat >expected.txt <<'END'
eventsource 2.0.2, the connection breaks: connects again
eventsource 2.0.2, 502: connects again
eventsource 4.1.1, the connection breaks: connects again
eventsource 4.1.1, 502: gives up
smee-client 5.0.0, the connection breaks: connects again
smee-client 5.0.0, 502: gives up
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
