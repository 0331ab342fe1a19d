#!/usr/bin/env bash
# Debian's `webhook` runs a command for each delivery that matches its rules; `trigger-rule-mismatch-http-response-code` sets
# the status for the others.
#
# Guess: with 403 there, a delivery with a wrong signature is answered with 403.
# Seen:  403 is for a delivery without a signature. One with a signature of another secret, or one that cannot be read, is "an
#        error while evaluating", 500, which most senders treat as temporary, so they retry.
# So:    after a change of secrets expect 500 and retries there, not 403; alert on both.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: webhook is not installed, and Debian's package webhook cannot be unpacked here"
  exit 77
}
webhook=$(PATH=$PATH:/usr/sbin command -v webhook) || {
  { apt-get download webhook && dpkg -x webhook_*.deb .; } >/dev/null 2>&1 || skip
  webhook=$PWD/usr/bin/webhook
}
version=$("$webhook" -version) || skip

cat >hooks.json <<'END'
[{
  "id": "order", "execute-command": "/bin/true", "trigger-rule-mismatch-http-response-code": 403,
  "trigger-rule": { "match": { "type": "payload-hmac-sha256", "secret": "the new secret",
    "parameter": { "source": "header", "name": "X-Signature" } } }
}]
END
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))')
"$webhook" -hooks hooks.json -ip 127.0.0.1 -port "$port" >log.txt 2>&1 &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { setTimeout } from "node:timers/promises";

const body = JSON.stringify({ id: "evt_1", event: "order.filled" });
const mac = (secret) => createHmac("sha256", secret).update(body).digest("hex");
const deliver = async (signature) => {
  const headers = { "content-type": "application/json", connection: "close", ...(signature && { "x-signature": signature }) };
  const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/hooks/order`, { method: "POST", headers, body });
  return `${answer.status} ${await answer.text()}`.trim();
};
const right = mac("the new secret");
for (let turn = 0; turn < 100; turn += 1) {
  if (await deliver(right).catch(() => "")) break;
  await setTimeout(100);
}
console.log(`right: ${await deliver(right)}`);
console.log(`none: ${await deliver()}`);
console.log(`of the old secret: ${await deliver(mac("the old secret"))}`);
console.log(`right, after one of the old secret and a comma: ${await deliver(`${mac("the old secret")},${right}`)}`);
END

cat >expected.txt <<'END'
right: 200
none: 403 Hook rules were not satisfied.
of the old secret: 500 Error occurred while evaluating hook rules.
right, after one of the old secret and a comma: 500 Error occurred while evaluating hook rules.
END

timeout 50 node finding.mjs "$port" >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
