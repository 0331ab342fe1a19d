#!/usr/bin/env bash
# A signature covers the bytes of the body, so a handler keeps them and parses them afterwards.
#
# Guess: WorkOS's library needs the raw body, as every other library does, and refuses a parsed one.
# Seen:  it is the reverse: the raw body is never verified, and the parsed object is. It is serialised with JSON.stringify, so
#        that a body with a space in it cannot be verified at all.
# So:    for this library, parse first; a sender for it must write JSON exactly as JSON.stringify does.
set -euo pipefail

packages=(@workos-inc/node@8.13.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { WorkOS } from "@workos-inc/node";

const secret = "a secret";
const compact = JSON.stringify({ id: "evt_1", event: "order.filled" });
const spaced = JSON.stringify({ id: "evt_1", event: "order.filled" }, undefined, 1);
const time = Date.now();
const { webhooks } = new WorkOS("sk_test");
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

const verify = (signed, payload) => {
  const mac = createHmac("sha256", secret).update(`${time}.${signed}`).digest("hex");
  return attempt(() => webhooks.verifyHeader({ payload, sigHeader: `t=${time}, v1=${mac}`, secret }));
};
console.log(`compact, as text: ${await verify(compact, compact)}`);
console.log(`compact, as a Buffer: ${await verify(compact, Buffer.from(compact))}`);
console.log(`compact, parsed: ${await verify(compact, JSON.parse(compact))}`);
console.log(`with spaces, parsed: ${await verify(spaced, JSON.parse(spaced))}`);
END

cat >expected.txt <<'END'
compact, as text: SignatureVerificationException: Signature hash does not match the expected signature hash for payload
compact, as a Buffer: SignatureVerificationException: Signature hash does not match the expected signature hash for payload
compact, parsed: accepted
with spaces, parsed: SignatureVerificationException: Signature hash does not match the expected signature hash for payload
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
