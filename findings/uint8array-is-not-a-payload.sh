#!/usr/bin/env bash
# A Buffer is a Uint8Array, and `new Uint8Array(await request.arrayBuffer())` returns a Uint8Array.
#
# Guess: a library that accepts one accepts the other.
# Seen:  the libraries of Standard Webhooks and Svix accept a Buffer only, and throw a plain Error, which a handler that
#        expects a WebhookVerificationError answers with 500. Stripe's accepts both.
# So:    pass Buffer.from(bytes), or the text.
set -euo pipefail

packages=(standardwebhooks@1.1.1 svix@1.99.1 stripe@23.1.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { Webhook as Standard } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as Svix } from "svix";

const secret = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const buffer = Buffer.from(JSON.stringify({ event: "order.filled" }));
const now = new Date();
const seconds = Math.floor(now.getTime() / 1000);
const headers = {
  "webhook-id": "msg_1",
  "webhook-timestamp": String(seconds),
  "webhook-signature": new Standard(secret).sign("msg_1", now, buffer.toString()),
};
const mac = createHmac("sha256", secret).update(`${seconds}.`).update(buffer).digest("hex");
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

const verify = {
  standardwebhooks: (body) => new Standard(secret).verify(body, headers),
  svix: (body) => new Svix(secret).verify(body, headers),
  stripe: (body) => new Stripe("sk_test").webhooks.constructEvent(body, `t=${seconds},v1=${mac}`, secret),
};
for (const [name, call] of Object.entries(verify)) {
  console.log(`${name}, Buffer: ${await attempt(() => call(buffer))}`);
  console.log(`${name}, Uint8Array: ${await attempt(() => call(new Uint8Array(buffer)))}`);
}
END

cat >expected.txt <<'END'
standardwebhooks, Buffer: accepted
standardwebhooks, Uint8Array: Error: Expected payload to be of type string or Buffer.
svix, Buffer: accepted
svix, Uint8Array: Error: Expected payload to be of type string or Buffer.
stripe, Buffer: accepted
stripe, Uint8Array: accepted
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
