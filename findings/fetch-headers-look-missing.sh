#!/usr/bin/env bash
# Handlers with the fetch API receive their headers as a Headers object: Next.js, Hono, Remix, Bun, Deno, Workers.
#
# Guess: a webhook library reads it, or reports a wrong type.
# Seen:  the libraries of Standard Webhooks and Svix find no header in it, and report that the required ones are missing,
#        which points to the sender or to proxies.
# So:    pass Object.fromEntries(request.headers).
set -euo pipefail

packages=(standardwebhooks@1.1.1 svix@1.99.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const secret = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const body = JSON.stringify({ event: "order.filled" });
const now = new Date();
const given = {
  "webhook-id": "msg_1",
  "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
  "webhook-signature": new Standard(secret).sign("msg_1", now, body),
};
const attempt = async (call) => {
  try {
    return (await call()) === false ? "false" : "accepted";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.split("\n")[0]}`;
  }
};

for (const [name, Webhook] of Object.entries({ standardwebhooks: Standard, svix: Svix })) {
  const verify = (headers) => attempt(() => new Webhook(secret).verify(body, headers));
  console.log(`${name}, a plain object: ${await verify(given)}`);
  console.log(`${name}, a Headers object: ${await verify(new Headers(given))}`);
  console.log(`${name}, made plain: ${await verify(Object.fromEntries(new Headers(given)))}`);
}
END

cat >expected.txt <<'END'
standardwebhooks, a plain object: accepted
standardwebhooks, a Headers object: WebhookVerificationError: Missing required headers
standardwebhooks, made plain: accepted
svix, a plain object: accepted
svix, a Headers object: WebhookVerificationError: Missing required headers
svix, made plain: accepted
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
