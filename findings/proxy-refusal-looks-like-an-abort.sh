#!/usr/bin/env bash
# A proxy may refuse a tunnel: 407 without its password, 403 for a host that is not allowed, 502 when it cannot connect.
#
# Guess: undici throws an error of its own, with the status in a member.
# Seen:  its name is AbortError, as when the caller cancels the request; the status is in the message only. `fetch` says
#        "Request was cancelled.", with the true cause two levels down.
# So:    look for "Proxy response" before you treat an AbortError as the user's Ctrl-C, and report the status.
set -euo pipefail

packages=(undici@7.30.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import { fetch, ProxyAgent, request } from "undici";

let status;
const proxy = createServer();
proxy.on("connect", (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`));
await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));

const chain = (error) => (error ? [`${error.name} ${error.code ?? "-"} "${error.message}"`, ...chain(error.cause)] : []);
const attempt = async (call, url, options) => {
  try {
    return `${(await call(url, options)).status}`;
  } catch (error) {
    return chain(error).join("\n  caused by ");
  }
};
for (status of [407, 403]) {
  for (const call of [request, fetch]) {
    const dispatcher = new ProxyAgent(`http://127.0.0.1:${proxy.address().port}`);
    console.log(`${status}, ${call === fetch ? "fetch" : "request"}: ${await attempt(call, "https://receiver.test/", { dispatcher })}`);
    await dispatcher.close();
  }
}
const controller = new AbortController();
proxy.on("request", () => controller.abort());
const url = `http://127.0.0.1:${proxy.address().port}/`;
console.log(`cancelled by the caller, request: ${await attempt(request, url, { signal: controller.signal })}`);
proxy.close();
proxy.closeAllConnections();
END

cat >expected.txt <<'END'
407, request: AbortError UND_ERR_ABORTED "Proxy response (407) !== 200 when HTTP Tunneling"
407, fetch: TypeError - "fetch failed"
  caused by Error 0 "Request was cancelled."
  caused by AbortError UND_ERR_ABORTED "Proxy response (407) !== 200 when HTTP Tunneling"
403, request: AbortError UND_ERR_ABORTED "Proxy response (403) !== 200 when HTTP Tunneling"
403, fetch: TypeError - "fetch failed"
  caused by Error 0 "Request was cancelled."
  caused by AbortError UND_ERR_ABORTED "Proxy response (403) !== 200 when HTTP Tunneling"
cancelled by the caller, request: AbortError 20 "This operation was aborted"
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
