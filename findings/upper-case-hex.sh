#!/usr/bin/env bash
# A digest in hexadecimal names the same bytes in upper and in lower case.
#
# Guess: a library decodes it to bytes and compares those, so both are accepted.
# Seen:  Stripe's, Octokit's and Paddle's compare the text: upper case is a wrong signature.
# So:    write digests in lower case when you sign, whatever your own check accepts.
set -euo pipefail

packages=(stripe@23.1.0 @octokit/webhooks-methods@6.0.0 @paddle/paddle-node-sdk@3.10.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { verify as octokit } from "@octokit/webhooks-methods";
import { Paddle } from "@paddle/paddle-node-sdk";
import Stripe from "stripe";

const [secret, body] = ["a secret", JSON.stringify({ id: "evt_1", event: "order.filled" })];
const mac = (text) => createHmac("sha256", secret).update(text).digest("hex");
const seconds = Math.floor(Date.now() / 1000);
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

const verify = {
  stripe: (write) =>
    new Stripe("sk_test").webhooks.constructEvent(body, `t=${seconds},v1=${write(mac(`${seconds}.${body}`))}`, secret),
  octokit: (write) => octokit(secret, body, `sha256=${write(mac(body))}`),
  paddle: (write) =>
    new Paddle("key").webhooks.isSignatureValid(body, secret, `ts=${seconds};h1=${write(mac(`${seconds}:${body}`))}`),
};
for (const [name, call] of Object.entries(verify)) {
  console.log(`${name}, lower case: ${await attempt(() => call((hex) => hex))}`);
  const upper = await attempt(() => call((hex) => hex.toUpperCase()));
  console.log(`${name}, upper case: ${upper.replace(/:.*/, "")}`);
}
END

cat >expected.txt <<'END'
stripe, lower case: accepted
stripe, upper case: StripeSignatureVerificationError
octokit, lower case: accepted
octokit, upper case: false
paddle, lower case: accepted
paddle, upper case: false
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
