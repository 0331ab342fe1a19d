#!/usr/bin/env bash
# nginx copies each webhook to a second system with `mirror`. The second system is slow.
#
# Guess: the sender does not notice: nginx discards the answers of the mirror, and answers as soon as the app has.
# Seen:  so it is for the first delivery. The next one on the same connection waits until the mirror has answered the first: the
#        mirror is a subrequest, and nginx reads the next request of a connection when the last one has ended with all of its
#        subrequests. On another connection it arrives at once.
# So:    a slow mirror makes the real deliveries of a sender that keeps its connections time out. Give the mirror's location short
#        timeouts, or let the app copy.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || {
  { apt-get download nginx && dpkg -x nginx_*.deb .; } >/dev/null 2>&1 || skip nginx
  nginx=$PWD/usr/sbin/nginx
}
version=$("$nginx" -v 2>&1) || skip nginx

cat >nginx.conf <<END
daemon off;
master_process off;
pid $folder/pid;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen unix:$folder/nginx;
    location / { mirror /copy; proxy_pass http://unix:$folder/app:; }
    location = /copy { internal; proxy_pass http://unix:$folder/slow:\$request_uri; }
    location = /up { proxy_pass http://unix:$folder/app:; }
  }
}
END
"$nginx" -p "$folder" -c nginx.conf -e error.log &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";

const arrived = new Set();
const held = [];
const app = createServer((received, response) => {
  arrived.add(received.url);
  received.resume().on("end", () => response.end("stored"));
}).listen("app");
const slow = createServer((_received, response) => held.push(response)).listen("slow");
await Promise.all([once(app, "listening"), once(slow, "listening")]);
const deliver = async (path, agent) => {
  const sent = request({ socketPath: "nginx", path, agent, method: "POST", headers: { "content-length": 2 } });
  const [answer] = await once(sent.end("{}"), "response");
  await answer.resume().toArray();
  return answer.statusCode;
};
const until = async (done) => {
  for (let turn = 0; turn < 20 && !done(); turn += 1) await setTimeout(100);
  return done();
};
await until(() => arrived.has("/up") || void deliver("/up", false).catch(() => {}));
const kept = new Agent({ keepAlive: true, maxSockets: 1 });
console.log(`first: ${await deliver("/first", kept)}, while the mirror works: ${await until(() => held.length === 1)}`);
const second = deliver("/second", kept);
console.log(`second, same connection: ${(await until(() => arrived.has("/second"))) ? "arrives" : "does not arrive"}`);
const third = deliver("/third", false);
console.log(`third, another connection: ${(await until(() => arrived.has("/third"))) ? "arrives" : "does not arrive"}`);
held[0].end();
console.log(`second, after the mirror's answer: ${(await until(() => arrived.has("/second"))) ? "arrives" : "does not arrive"}`);
console.log(`answers: ${await second}, ${await third}`);
process.exit();
END

cat >expected.txt <<'END'
first: 200, while the mirror works: true
second, same connection: does not arrive
third, another connection: arrives
second, after the mirror's answer: arrives
answers: 200, 200
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
