#!/usr/bin/env bash
# HAProxy computes the signature of each webhook, and compares or passes it on: `req.body,hmac(sha256,…)`, with
# `option http-buffer-request`, so that it waits for the body.
#
# Guess: the digest is that of the body; one that is too large for a buffer is refused, or not signed at all.
# Seen:  the sample `req.body` ends where HAProxy's buffer ends (16 KB, less the headers and a reserve), without an error, and the
#        digest is that of the first part. The body itself arrives whole. `tune.bufsize` moves the limit; req.body_len and
#        req.body_size differ if the body was cut.
# So:    large events have a wrong signature, and only those. Refuse what is cut, or verify in the app.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
haproxy=$(PATH=$PATH:/usr/sbin command -v haproxy) || {
  {
    apt-get download haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1
    for package in ./*.deb; do dpkg -x "$package" .; done
  } >/dev/null 2>&1 || skip haproxy
  haproxy=$PWD/usr/sbin/haproxy
  LD_LIBRARY_PATH=$(echo "$PWD"/usr/lib/*-linux-gnu)
  export LD_LIBRARY_PATH
}
version=$("$haproxy" -v | head -n 1 | cut -d ' ' -f 1-3) || skip haproxy

for size in 16384 65536; do
  cat >"$size.cfg" <<END
global
  tune.bufsize $size
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend webhooks
  bind unix@$folder/$size
  option http-buffer-request
  http-request set-header x-digest %[req.body,hmac(sha256,c2VjcmV0),hex,lower]
  http-request set-var(txn.size) req.body_size
  http-request set-header x-cut yes unless { req.body_len,sub(txn.size) eq 0 }
  default_backend app
backend app
  server app unix@$folder/app
END
done
"$haproxy" -f 16384.cfg 2>haproxy.log &
"$haproxy" -f 65536.cfg 2>haproxy.log &
trap 'kill %1 %2 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout } from "node:timers/promises";

const digest = (body) => createHmac("sha256", "secret").update(body).digest("hex");
const app = createServer(async (received, response) => {
  const body = Buffer.concat(await received.toArray());
  const right = received.headers["x-digest"] === digest(body);
  response.end(`${body.length} arrive, digest ${right ? "right" : "wrong"}, ${received.headers["x-cut"] ? "cut" : "not cut"}`);
}).listen("app");
await once(app, "listening");
const deliver = async (socketPath, size) => {
  const sent = request({ socketPath, agent: false, method: "POST", headers: { host: "hooks", "content-length": size } });
  const [answer] = await once(sent.end("x".repeat(size)), "response");
  const text = `${Buffer.concat(await answer.toArray())}`;
  if (answer.statusCode !== 200) throw new Error(text);
  return text;
};
for (const buffer of ["16384", "65536"]) {
  for (let turn = 0; turn < 100 && !(await deliver(buffer, 1).catch(() => "")); turn += 1) await setTimeout(100);
  for (const size of [10_000, 20_000]) console.log(`buffer of ${buffer}, ${size} bytes: ${await deliver(buffer, size)}`);
}
process.exit();
END

cat >expected.txt <<'END'
buffer of 16384, 10000 bytes: 10000 arrive, digest right, not cut
buffer of 16384, 20000 bytes: 20000 arrive, digest wrong, cut
buffer of 65536, 10000 bytes: 10000 arrive, digest right, not cut
buffer of 65536, 20000 bytes: 20000 arrive, digest right, not cut
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
