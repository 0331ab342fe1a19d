#!/usr/bin/env bash
# Many companies reach the internet through an HTTP proxy, named in HTTPS_PROXY. ngrok's agent has a setting for it,
# `proxy_url`.
#
# Guess: ngrok's SDK for Node.js uses the proxy, or reports that it cannot.
# Seen:  it connects to the service directly, whatever the environment says, and ignores `proxy_url` as it ignores every
#        option that it does not know. The user sees a failed connection. (Both ends are on loopback here, and close.)
# So:    behind a proxy, start ngrok's agent instead; check the spelling of the SDK's options, because nothing else does.
set -euo pipefail

packages=(@ngrok/ngrok@1.7.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:net";
import ngrok from "@ngrok/ngrok";

const count = async () => {
  const end = { connections: 0 };
  end.server = createServer((socket) => {
    end.connections += 1;
    socket.on("error", () => {}).destroy();
  });
  await new Promise((resolve) => end.server.listen(0, "127.0.0.1", resolve));
  end.port = end.server.address().port;
  return end;
};
const [service, proxy] = [await count(), await count()];
const proxy_url = `http://127.0.0.1:${proxy.port}`;
for (const name of ["http_proxy", "https_proxy", "all_proxy"]) {
  process.env[name] = process.env[name.toUpperCase()] = proxy_url;
}
for (const name of ["no_proxy", "NO_PROXY"]) delete process.env[name];

const server_addr = `127.0.0.1:${service.port}`;
try {
  await ngrok.forward({ addr: 8080, authtoken: "none", server_addr, proxy_url, no_such_option: true });
  console.log("connected");
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
console.log(`connections to the service: ${service.connections}, to the proxy: ${proxy.connections}`);
for (const { server } of [service, proxy]) server.close();
END

cat >expected.txt <<'END'
Error: failed to connect session: tls handshake error
connections to the service: 1, to the proxy: 0
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
