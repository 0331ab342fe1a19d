#!/usr/bin/env bash
# A client asks a proxy for the full http:// URL (`GET http://host/path`); a tunnel (`CONNECT host:port`) is for https://.
# Many proxies allow tunnels to port 443 only: squid's default configuration does, and here tinyproxy with `ConnectPort 443`.
#
# Guess: undici's ProxyAgent does what curl does.
# Seen:  it opens a tunnel for http:// as well, and the proxy refuses it with 403, while it serves the same request of curl.
# So:    set `proxyTunnel: false`; it still uses a tunnel for https://.
set -euo pipefail

packages=(undici@7.30.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

skip() {
  echo "skipped: tinyproxy is not installed, and Debian's package tinyproxy-bin cannot be unpacked here"
  exit 77
}
tinyproxy=$(PATH=$PATH:/usr/sbin command -v tinyproxy) || {
  { apt-get download tinyproxy-bin && dpkg -x tinyproxy-bin_*.deb .; } >/dev/null 2>&1 || skip
  tinyproxy=$PWD/usr/bin/tinyproxy
}
version="$("$tinyproxy" -v 2>/dev/null)" || skip

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))')
printf '%s\n' "Port $port" "Listen 127.0.0.1" "Allow 127.0.0.1" "ConnectPort 443" "LogFile \"$folder/log\"" >proxy.conf
"$tinyproxy" -d -c proxy.conf >/dev/null &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { ProxyAgent, request } from "undici";

const uri = `http://127.0.0.1:${process.argv[2]}`;
const app = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
await once(app, "listening");
const url = `http://127.0.0.1:${app.address().port}/`;
const open = (port) =>
  new Promise((resolve) => connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false)).unref());
for (let turn = 0; turn < 100 && !(await open(Number(process.argv[2]))); turn += 1) await setTimeout(100);

const curl = spawn("curl", ["-s", "-o", "answer.txt", "-w", "%{http_code}", "--noproxy", "", "-x", uri, url]);
const [status] = await once(curl.stdout.setEncoding("utf8"), "data");
console.log(`curl: ${status}`);
for (const options of [{ uri }, { uri, proxyTunnel: false }]) {
  const dispatcher = new ProxyAgent(options);
  const title = `ProxyAgent, proxyTunnel ${options.proxyTunnel ?? "not set"}`;
  try {
    const answer = await request(url, { dispatcher });
    await answer.body.dump();
    console.log(`${title}: ${answer.statusCode}`);
  } catch (error) {
    console.log(`${title}: ${error.message}`);
  }
  await dispatcher.close();
}
app.close();
app.closeAllConnections();
END

cat >expected.txt <<'END'
curl: 200
ProxyAgent, proxyTunnel not set: Proxy response (403) !== 200 when HTTP Tunneling
ProxyAgent, proxyTunnel false: 200
END

timeout 50 node finding.mjs "$port" >seen.txt
printf 'Node.js %s, %s, %s, %s\n\n' "$(node --version)" "${packages[*]}" "$version" "$(curl --version | cut -d " " -f 1-2 | head -1)"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
