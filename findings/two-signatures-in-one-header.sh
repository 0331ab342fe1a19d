#!/usr/bin/env bash
# While a secret is rotated, a sender signs with the old and the new one, and puts both signatures into one header.
#
# Guess: any valid one is enough, in every library.
# Seen:  Stripe's library accepts any, Paddle's only the last, WorkOS's only the first.
# So:    sign test deliveries with one secret, or know which library reads them, before you call a secret wrong.
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
const wrong = "0".repeat(64);
const [seconds, milliseconds] = [Math.floor(Date.now() / 1000), Date.now()];
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

const right = {
  stripe: mac(`${seconds}.${body}`),
  paddle: mac(`${seconds}:${body}`),
  workos: mac(`${milliseconds}.${body}`),
};
const verify = {
  stripe: (one, two) =>
    new Stripe("sk_test").webhooks.constructEvent(body, `t=${seconds},v1=${one},v1=${two}`, secret),
  paddle: (one, two) =>
    new Paddle("key").webhooks.isSignatureValid(body, secret, `ts=${seconds};h1=${one};h1=${two}`),
  workos: (one, two) =>
    new WorkOS("sk_test").webhooks.verifyHeader({
      payload: JSON.parse(body),
      sigHeader: `t=${milliseconds}, v1=${one}, v1=${two}`,
      secret,
    }),
};
for (const [name, call] of Object.entries(verify)) {
  console.log(`${name}, right then wrong: ${await attempt(() => call(right[name], wrong))}`);
  console.log(`${name}, wrong then right: ${await attempt(() => call(wrong, right[name]))}`);
}
END

cat >expected.txt <<'END'
stripe, right then wrong: accepted
stripe, wrong then right: accepted
paddle, right then wrong: false
paddle, wrong then right: accepted
workos, right then wrong: accepted
workos, wrong then right: SignatureVerificationException: Signature hash does not match the expected signature hash for payload
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
