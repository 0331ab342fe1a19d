#!/usr/bin/env bash
# Debian's `webhook` runs a command for each delivery, and passes values of the payload to it as arguments. One of them is null:
# an order without a limit price.
#
# Guess: the argument is empty, as for a value that the payload does not have; or it is the text `null`.
# Seen:  it is the text `<nil>`, also in an environment variable: Go's way to print nothing. A missing value is an empty
#        argument, and its variable is not set. Numbers keep their digits, lists and objects are JSON.
# So:    `[ -n "$2" ]` takes <nil> for a price. Compare with it, or pass the whole payload and read it with a JSON tool.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
webhook=$(command -v webhook) || {
  { apt-get download webhook && dpkg -x webhook_*.deb .; } >/dev/null 2>&1 || skip webhook
  webhook=$PWD/usr/bin/webhook
}
version=$("$webhook" -version) || skip webhook

cat >show <<'END'
#!/bin/sh
printf 'arguments:'
printf ' [%s]' "$@"
printf ', variables: [%s] [%s]' "${PRICE-not set}" "${OTHER-not set}"
END
chmod +x show
cat >hooks.json <<END
[
  {
    "id": "order",
    "execute-command": "$folder/show",
    "include-command-output-in-response": true,
    "pass-arguments-to-command": [
      { "source": "payload", "name": "quantity" },
      { "source": "payload", "name": "limit_price" },
      { "source": "payload", "name": "stop_price" }
    ],
    "pass-environment-to-command": [
      { "source": "payload", "name": "limit_price", "envname": "PRICE" },
      { "source": "payload", "name": "stop_price", "envname": "OTHER" }
    ]
  }
]
END
cat >finding.mjs <<'END'
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

const free = createServer();
await new Promise((resolve) => free.listen(0, "127.0.0.1", resolve));
const { port } = free.address();
await new Promise((resolve) => free.close(resolve));
const options = ["-hooks", "hooks.json", "-ip", "127.0.0.1", "-port", `${port}`];
const child = spawn(process.argv[2], options, { stdio: "ignore" });
const deliver = async (payload) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://127.0.0.1:${port}/hooks/order`, { method: "POST", headers, body: payload });
  return answer.text();
};
for (let turn = 0; turn < 100 && !(await deliver("{}").catch(() => "")); turn += 1) await setTimeout(100);
for (const payload of ['{"quantity":1.50,"limit_price":null}', '{"quantity":1152921506151679042,"limit_price":{"usd":178.50}}']) {
  console.log(`${payload}\n  ${await deliver(payload)}`);
}
child.kill();
END

cat >expected.txt <<'END'
{"quantity":1.50,"limit_price":null}
  arguments: [1.50] [<nil>] [], variables: [<nil>] [not set]
{"quantity":1152921506151679042,"limit_price":{"usd":178.50}}
  arguments: [1152921506151679042] [{"usd":178.50}] [], variables: [{"usd":178.50}] [not set]
END

timeout 50 node finding.mjs "$webhook" >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
