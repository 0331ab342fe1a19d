#!/usr/bin/env bash
# Some senders sign the URL, and some put an ID with an escaped slash (%2F) into the path.
#
# Guess: at `location /` there is no difference between `proxy_pass http://app;` and `proxy_pass http://app/;`: the slash is
#        replaced by itself.
# Seen:  without the slash, the app receives the path as it was sent. With it, the app receives a path that nginx has
#        normalised: %2F becomes a slash, two slashes become one, %7E a tilde, while %20 stays as it is.
# So:    omit the slash in front of a receiver; it breaks signatures over the URL, and routes with an escaped ID.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: nginx is not installed, and Debian's package nginx cannot be unpacked here"
  exit 77
}
nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || {
  { apt-get download nginx && dpkg -x nginx_*.deb .; } >/dev/null 2>&1 || skip
  nginx=$PWD/usr/sbin/nginx
}
version=$("$nginx" -v 2>&1) || skip

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
  upstream app { server unix:$folder/app; }
  server { listen unix:$folder/without; location / { proxy_pass http://app; } }
  server { listen unix:$folder/with; location / { proxy_pass http://app/; } }
}
END
"$nginx" -p "$folder" -c nginx.conf -e error.log &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";

const app = createServer((received, response) => response.end(received.url)).listen("app");
await once(app, "listening");
const ask = async (socketPath, path) => {
  const sent = request({ socketPath, path, agent: false }).end();
  const [answer] = await once(sent, "response");
  return Buffer.concat(await answer.toArray()).toString();
};
for (let turn = 0; turn < 100; turn += 1) {
  if (await ask("with", "/").catch(() => "")) break;
  await setTimeout(100);
}
for (const path of ["/hooks/evt%2F1", "/hooks//evt_1", "/hooks/%7Eme", "/hooks/a%20b"]) {
  console.log(`${path}: ${await ask("without", path)} without the slash, ${await ask("with", path)} with it`);
}
app.close();
app.closeAllConnections();
END

cat >expected.txt <<'END'
/hooks/evt%2F1: /hooks/evt%2F1 without the slash, /hooks/evt/1 with it
/hooks//evt_1: /hooks//evt_1 without the slash, /hooks/evt_1 with it
/hooks/%7Eme: /hooks/%7Eme without the slash, /hooks/~me with it
/hooks/a%20b: /hooks/a%20b without the slash, /hooks/a%20b with it
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
