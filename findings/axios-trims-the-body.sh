#!/usr/bin/env bash
# A relay passes a webhook on with axios: the body as the text that was received, and the sender's headers.
#
# Guess: axios sends a string as it is, and serialises only objects.
# Seen:  with a JSON content type axios reads the string first. If it is JSON, it is sent without the white space around it: a
#        newline at the end is lost, and the signature is wrong. If it is not (here: one JSON text a line), the whole text is
#        sent as one JSON string in quotation marks. (stringifySafely in axios's lib/defaults. A Buffer is left alone.)
# So:    keep the body as a Buffer from the socket to the next one, or give axios `transformRequest: []`.
set -euo pipefail

packages=(axios@1.21.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import axios from "axios";

const app = createServer(async (request, response) => response.end(Buffer.concat(await request.toArray())));
app.listen(0, "127.0.0.1");
await once(app, "listening");
const relay = async (body, type, options) => {
  const url = `http://127.0.0.1:${app.address().port}/`;
  const answer = await axios.post(url, body, { headers: { "content-type": type }, responseType: "arraybuffer", ...options });
  return Buffer.from(answer.data).equals(Buffer.from(body)) ? "as received" : `changed to ${JSON.stringify(`${answer.data}`)}`;
};
const body = '{"event":"order.filled","price":178.50}\n';
const lines = '{"id":1}\n{"id":2}\n';
console.log(`string, application/json: ${await relay(body, "application/json")}`);
console.log(`string, text/plain: ${await relay(body, "text/plain")}`);
console.log(`Buffer, application/json: ${await relay(Buffer.from(body), "application/json")}`);
console.log(`string, without transformRequest: ${await relay(body, "application/json", { transformRequest: [] })}`);
console.log(`two lines of JSON, application/json: ${await relay(lines, "application/json")}`);
console.log(`two lines of JSON, application/x-ndjson: ${await relay(lines, "application/x-ndjson")}`);
app.close();
app.closeAllConnections();
END

cat >expected.txt <<'END'
string, application/json: changed to "{\"event\":\"order.filled\",\"price\":178.50}"
string, text/plain: as received
Buffer, application/json: as received
string, without transformRequest: as received
two lines of JSON, application/json: changed to "\"{\\\"id\\\":1}\\n{\\\"id\\\":2}\\n\""
two lines of JSON, application/x-ndjson: as received
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
