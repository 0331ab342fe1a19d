#!/usr/bin/env bash
# An app refuses a webhook that is too large as soon as it has read the headers: 413, and it closes the connection, as HTTP
# allows.
#
# Guess: the sender gets the 413 through a reverse proxy as well as without one.
# Seen:  through Apache it gets 502. Apache goes on sending the body, meets the closed connection, and makes an error of its own
#        without reading the answer that is there. lighttpd passes the 413 on. (nginx and caddy did the one or the other, by
#        chance.)
# So:    a 413 is final for a sender, a 502 is repeated, and somebody looks for a crash. Read the rest of the body before the
#        answer, or let the proxy have the limit (`LimitRequestBody`).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
find_program() {
  PATH=$PATH:/usr/sbin command -v "$1"
}
apache=$(find_program apache2) && modules=/usr/lib/apache2/modules || {
  {
    apt-get download apache2-bin libapr1 libaprutil1
    for package in ./*.deb; do dpkg -x "$package" .; done
  } >/dev/null 2>&1 || skip apache2
  apache=$PWD/usr/sbin/apache2 modules=$PWD/usr/lib/apache2/modules
  LD_LIBRARY_PATH=$(echo "$PWD"/usr/lib/*-linux-gnu)
  export LD_LIBRARY_PATH
}
lighttpd=$(find_program lighttpd) && plugins=/usr/lib/lighttpd || {
  { apt-get download lighttpd && dpkg -x lighttpd_*.deb .; } >/dev/null 2>&1 || skip lighttpd
  lighttpd=$PWD/usr/sbin/lighttpd plugins=$PWD/usr/lib/lighttpd
}
version="$("$apache" -v | head -n 1 | cut -d ' ' -f 3), $("$lighttpd" -v | head -n 1 | cut -d ' ' -f 1)" || skip "apache2 or lighttpd"

free() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))'
}
port_of_app=$(free)
port_of_apache=$(free)
port_of_lighttpd=$(free)
cat >apache.conf <<END
ServerRoot $folder
ServerName localhost
PidFile $folder/apache.pid
ErrorLog $folder/apache.log
DefaultRuntimeDir $folder
Mutex file:$folder default
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule proxy_module $modules/mod_proxy.so
LoadModule proxy_http_module $modules/mod_proxy_http.so
Listen 127.0.0.1:$port_of_apache
User nobody
Group nogroup
ProxyPass / http://127.0.0.1:$port_of_app/
END
cat >lighttpd.conf <<END
server.bind = "127.0.0.1"
server.port = $port_of_lighttpd
server.document-root = "$folder"
server.upload-dirs = ("$folder")
server.errorlog = "$folder/lighttpd.log"
server.modules = ("mod_proxy")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => $port_of_app)))
END
"$apache" -f "$folder/apache.conf" -D FOREGROUND &
"$lighttpd" -D -m "$plugins" -f lighttpd.conf 2>/dev/null &
trap 'kill %1 %2 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";

const [app, apache, lighttpd] = process.argv.slice(2).map(Number);
const server = createServer((received, response) => {
  if (Number(received.headers["content-length"]) > 100_000) response.writeHead(413, { connection: "close" }).end("too large");
  else received.resume().on("end", () => response.end("stored"));
});
server.listen(app, "127.0.0.1");
await once(server, "listening");
const deliver = async (port, size) => {
  const sent = request({ host: "127.0.0.1", port, method: "POST", agent: false, headers: { "content-length": size } });
  const answered = once(sent, "response");
  sent.on("error", () => {}).end(Buffer.alloc(size));
  const [answer] = await answered;
  return answer.resume().statusCode;
};
for (const [name, port] of Object.entries({ "no proxy": app, apache, lighttpd })) {
  for (let turn = 0; turn < 100 && (await deliver(port, 2).catch(() => 0)) !== 200; turn += 1) await setTimeout(100);
  console.log(`${name}: 2 bytes ${await deliver(port, 2)}, 8 MB ${await deliver(port, 8_000_000)}`);
}
process.exit();
END

cat >expected.txt <<'END'
no proxy: 2 bytes 200, 8 MB 413
apache: 2 bytes 200, 8 MB 502
lighttpd: 2 bytes 200, 8 MB 413
END

timeout 50 node finding.mjs "$port_of_app" "$port_of_apache" "$port_of_lighttpd" >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
