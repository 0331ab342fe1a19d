#!/usr/bin/env bash
# A list in a header may have a space after each comma, and WorkOS writes `t=…, v1=…` so.
#
# Guess: Stripe's library trims the parts.
# Seen:  it does not: with the space it finds no signature of a scheme that it expects.
# So:    leave the space out when you write such a header, and trim the parts when you read one.
set -euo pipefail

packages=(stripe@23.1.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import Stripe from "stripe";

const [secret, body] = ["a secret", JSON.stringify({ id: "evt_1", event: "order.filled" })];
const seconds = Math.floor(Date.now() / 1000);
const mac = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
const { webhooks } = new Stripe("sk_test");
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

for (const comma of [",", ", "]) {
  const header = `t=${seconds}${comma}v1=${mac}`;
  const seen = await attempt(() => webhooks.constructEvent(body, header, secret));
  console.log(`parts joined by ${JSON.stringify(comma)}: ${seen}`);
}
END

cat >expected.txt <<'END'
parts joined by ",": accepted
parts joined by ", ": StripeSignatureVerificationError: No signatures found with expected scheme
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
