#!/usr/bin/env bash
# A sender adds an event type. Its deliveries are signed rightly, and the SDK in use is older than the type.
#
# Guess: the verifier returns the event, and the handler ignores what it does not know.
# Seen:  @paddle/paddle-node-sdk does so. @workos-inc/node verifies the signature and returns undefined: its deserializeEvent is
#        a `switch` without a default. @polar-sh/sdk throws, although the signature is right; only the class of the error differs
#        from that for a wrong signature.
# So:    a handler that answers 400 to every error, or reads `event.type` first, refuses a new type until the sender gives up and
#        disables the endpoint. Answer 2xx to what is signed rightly and unknown.
set -euo pipefail

packages=(@polar-sh/sdk@0.49.0 @workos-inc/node@8.13.0 @paddle/paddle-node-sdk@3.10.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createHmac } from "node:crypto";
import { Paddle } from "@paddle/paddle-node-sdk";
import { validateEvent } from "@polar-sh/sdk/webhooks";
import { WorkOS } from "@workos-inc/node";

const secret = "a secret of this test";
const sign = (text, encoding = "hex") => createHmac("sha256", secret).update(text).digest(encoding);
const seconds = Math.floor(Date.now() / 1000);
const time = new Date().toISOString();

const verifiers = {
  "@polar-sh/sdk": (key) => {
    const body = JSON.stringify({ type: "order.filled", timestamp: time, data: { id: "1" } });
    const signature = `v1,${sign(`msg_1.${seconds}.${body}`, "base64")}`;
    const headers = { "webhook-id": "msg_1", "webhook-timestamp": `${seconds}`, "webhook-signature": signature };
    return validateEvent(body, headers, key);
  },
  "@workos-inc/node": (key) => {
    const payload = { id: "evt_1", event: "order.filled", created_at: time, data: { id: "1" } };
    const milliseconds = Date.now();
    const sigHeader = `t=${milliseconds}, v1=${sign(`${milliseconds}.${JSON.stringify(payload)}`)}`;
    return new WorkOS("sk_test").webhooks.constructEvent({ payload, sigHeader, secret: key });
  },
  "@paddle/paddle-node-sdk": (key) => {
    const event = { event_id: "evt_1", event_type: "order.filled", occurred_at: time, notification_id: "1", data: { id: "1" } };
    const body = JSON.stringify(event);
    return new Paddle("key").webhooks.unmarshal(body, key, `ts=${seconds};h1=${sign(`${seconds}:${body}`)}`);
  },
};
for (const [name, verify] of Object.entries(verifiers)) {
  const results = [];
  for (const key of [secret, "another secret"]) {
    try {
      const event = await verify(key);
      results.push(event === undefined ? "undefined" : `an event, ${event.eventType}`);
    } catch (error) {
      results.push(error.constructor.name);
    }
  }
  console.log(`${name}: ${results[0]} (with a wrong secret: ${results[1]})`);
}
END

cat >expected.txt <<'END'
@polar-sh/sdk: SDKValidationError (with a wrong secret: WebhookVerificationError)
@workos-inc/node: undefined (with a wrong secret: SignatureVerificationException)
@paddle/paddle-node-sdk: an event, order.filled (with a wrong secret: Error)
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
