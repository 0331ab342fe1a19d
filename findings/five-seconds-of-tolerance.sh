#!/usr/bin/env bash
# A signature with a time is valid for a limited time, so that nobody can record and repeat it.
#
# Guess: five minutes, in every library: Stripe and Standard Webhooks use this value.
# Seen:  Paddle's library refuses after five seconds by default, with the same `false` as for a forged signature; WorkOS's
#        after three minutes.
# So:    with these libraries, a clock that is ten seconds off, or a delivery that waited in a queue, looks like an attack.
set -euo pipefail

packages=(stripe@23.1.0 @paddle/paddle-node-sdk@3.10.0 @workos-inc/node@8.13.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { Paddle } from "@paddle/paddle-node-sdk";
import Stripe from "stripe";
import { WorkOS } from "@workos-inc/node";

const [secret, body] = ["a secret", JSON.stringify({ id: "evt_1", event: "order.filled" })];
const mac = (text) => createHmac("sha256", secret).update(text).digest("hex");
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

const verify = {
  stripe(ms) {
    const t = Math.floor(ms / 1000);
    return new Stripe("sk_test").webhooks.constructEvent(body, `t=${t},v1=${mac(`${t}.${body}`)}`, secret);
  },
  paddle(ms) {
    const t = Math.floor(ms / 1000);
    return new Paddle("key").webhooks.isSignatureValid(body, secret, `ts=${t};h1=${mac(`${t}:${body}`)}`);
  },
  workos: (t) =>
    new WorkOS("sk_test").webhooks.verifyHeader({
      payload: JSON.parse(body),
      sigHeader: `t=${t}, v1=${mac(`${t}.${body}`)}`,
      secret,
    }),
};
for (const age of [1, 20, 240]) {
  for (const [name, call] of Object.entries(verify)) {
    console.log(`${name}, ${age} s old: ${await attempt(() => call(Date.now() - age * 1000))}`);
  }
}
END

cat >expected.txt <<'END'
stripe, 1 s old: accepted
paddle, 1 s old: accepted
workos, 1 s old: accepted
stripe, 20 s old: accepted
paddle, 20 s old: false
workos, 20 s old: accepted
stripe, 240 s old: accepted
paddle, 240 s old: false
workos, 240 s old: SignatureVerificationException: Timestamp outside the tolerance zone
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
