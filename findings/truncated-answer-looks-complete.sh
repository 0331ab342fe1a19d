#!/usr/bin/env bash
# An app that dies in the middle of an answer cuts the connection, and a client without a proxy gets an error.
#
# Guess: a proxy cuts its connection to the client too, because it knows that the answer is incomplete: the last chunk is
#        missing.
# Seen:  nginx and caddy complete the answer: status 200, half of the body, no error. (nginx speaks HTTP/1.0 to the app by
#        default, where the end of the connection is the end of the answer; with 1.1 it cuts the connection.)
# So:    a 200 that a sender received does not prove that your handler finished; send a length, or answer after the work.
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
caddy=$(command -v caddy) || {
  { apt-get download caddy && dpkg -x caddy_*.deb .; } >/dev/null 2>&1 || skip caddy
  caddy=$PWD/usr/bin/caddy
}
version="$("$nginx" -v 2>&1), caddy $("$caddy" version)" || skip "nginx or caddy"

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
  server { listen unix:$folder/nginx; location / { proxy_pass http://app; } }
  server { listen unix:$folder/nginx11; location / { proxy_http_version 1.1; proxy_pass http://app; } }
}
END
printf '{\nadmin off\n}\nhttp:// {\nbind unix/%s\nreverse_proxy unix/%s\n}\n' "$folder/caddy" "$folder/app" >Caddyfile
"$nginx" -p "$folder" -c nginx.conf -e error.log &
HOME=$folder XDG_DATA_HOME=$folder "$caddy" run --config Caddyfile --adapter caddyfile 2>caddy.log &
trap 'kill %1 %2 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";

const app = createServer(async (received, response) => {
  response.write("half");
  if (received.url === "/whole") return response.end(" and half");
  await setTimeout(200);
  response.destroy();
}).listen("app");
await once(app, "listening");
const ask = async (socketPath, path) => {
  try {
    const [answer] = await once(request({ socketPath, path, agent: false }).end(), "response");
    return `${answer.statusCode} "${Buffer.concat(await answer.toArray())}"`;
  } catch (error) {
    return error.code;
  }
};
for (const name of ["app", "nginx", "nginx11", "caddy"]) {
  for (let turn = 0; turn < 100 && !(await ask(name, "/whole")).startsWith("200"); turn += 1) await setTimeout(100);
  console.log(`${name}: ${await ask(name, "/whole")}, cut: ${await ask(name, "/cut")}`);
}
app.close();
app.closeAllConnections();
END

cat >expected.txt <<'END'
app: 200 "half and half", cut: ECONNRESET
nginx: 200 "half and half", cut: 200 "half"
nginx11: 200 "half and half", cut: ECONNRESET
caddy: 200 "half and half", cut: 200 "half"
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
