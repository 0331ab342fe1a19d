#!/usr/bin/env bash
# nginx logs the body of each webhook, so that deliveries can be looked at and repeated: `log_format … $request_body`.
#
# Guess: the log has every body, or its beginning.
# Seen:  a body over about 16 KB is an empty field: it went into a temporary file, and the variable has only what fits into one
#        buffer. A body that nginx answers by itself (`return 200`) is missing at any size, because nothing has read it.
# So:    the largest events are missing when they are needed. Set `client_body_buffer_size` as large as `client_max_body_size`.
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
  log_format bodies escape=json '{"path":"\$uri","body":"\$request_body"}';
  access_log bodies.log bodies;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen unix:$folder/nginx;
    location / { proxy_pass http://unix:$folder/app:; }
    location /large-buffer { client_body_buffer_size 1m; proxy_pass http://unix:$folder/app:; }
    location /answered-by-nginx { return 200; }
  }
}
END
"$nginx" -p "$folder" -c nginx.conf -e error.log &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";

let received = 0;
const app = createServer(async (incoming, response) => {
  received = Buffer.concat(await incoming.toArray()).length;
  response.end();
}).listen("app");
await once(app, "listening");
const deliver = async (path, size) => {
  const sent = request({ socketPath: "nginx", path, agent: false, method: "POST", headers: { "content-length": size } });
  const [answer] = await once(sent.end("x".repeat(size)), "response");
  await answer.resume().toArray();
  return answer.statusCode;
};
for (let turn = 0; turn < 100 && (await deliver("/up", 1).catch(() => 0)) !== 200; turn += 1) await setTimeout(100);
for (const path of ["/proxied", "/large-buffer", "/answered-by-nginx"]) {
  for (const size of [10_000, 20_000]) {
    received = 0;
    const status = await deliver(`${path}/${size}`, size);
    let line;
    for (let turn = 0; turn < 50 && !line; turn += 1) {
      const lines = (await readFile("bodies.log", "utf8")).split("\n").slice(0, -1);
      line = lines.map((text) => JSON.parse(text)).find((entry) => entry.path === `${path}/${size}`);
      await setTimeout(50);
    }
    console.log(`${path}, ${size} bytes: ${status}, the app got ${received}, the log has ${line.body.length}`);
  }
}
process.exit();
END

cat >expected.txt <<'END'
/proxied, 10000 bytes: 200, the app got 10000, the log has 10000
/proxied, 20000 bytes: 200, the app got 20000, the log has 0
/large-buffer, 10000 bytes: 200, the app got 10000, the log has 10000
/large-buffer, 20000 bytes: 200, the app got 20000, the log has 20000
/answered-by-nginx, 10000 bytes: 200, the app got 0, the log has 0
/answered-by-nginx, 20000 bytes: 200, the app got 0, the log has 0
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
