#!/usr/bin/env bash
# An MCP server has a tool that places an order. Its answer has an output schema, and one day the broker's answer has a new
# member, or a price that is null.
#
# Guess: a new member passes or is dropped, as Zod does with objects; and it makes no difference what the client asked before.
# Seen:  the server validates with Zod, which ignores the new member, and sends it. But it publishes the schema with
#        `"additionalProperties": false`; a client that has called tools/list validates with that, and throws. A client that has
#        not gets the answer. With the null it is the server that answers "Output validation error".
# So:    the order has been placed, and the model reads of an error and calls again. Use z.looseObject for what others send, and
#        give a tool with effects an idempotency key.
set -euo pipefail

packages=(@modelcontextprotocol/server@2.4.0 @modelcontextprotocol/client@2.4.0 zod@4.6.7)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const fields = { id: z.string(), price: z.number() };
const answers = {
  "as described": [z.object(fields), { id: "1", price: 178.5 }],
  "a new member": [z.object(fields), { id: "1", price: 178.5, venue: "XNAS" }],
  "a new member, z.looseObject": [z.looseObject(fields), { id: "1", price: 178.5, venue: "XNAS" }],
  "a null": [z.object(fields), { id: "1", price: null }],
};
for (const [title, [outputSchema, structuredContent]] of Object.entries(answers)) {
  for (const listed of [false, true]) {
    let placed = 0;
    const server = new McpServer({ name: "broker", version: "1.0.0" });
    server.registerTool("place_order", { inputSchema: z.object({ symbol: z.string() }), outputSchema }, async () => {
      placed += 1;
      return { content: [{ type: "text", text: "placed" }], structuredContent };
    });
    const [one, other] = InMemoryTransport.createLinkedPair();
    await server.connect(one);
    const client = new Client({ name: "model", version: "1.0.0" });
    await client.connect(other);
    if (listed) await client.listTools();
    let told;
    try {
      const result = await client.callTool({ name: "place_order", arguments: { symbol: "AAPL" } });
      told = result.isError ? "the server's error" : "success";
    } catch {
      told = "the client's error";
    }
    console.log(`${title}, ${listed ? "after" : "without"} tools/list: ${placed} placed, ${told}`);
    await client.close();
  }
}
END

cat >expected.txt <<'END'
as described, without tools/list: 1 placed, success
as described, after tools/list: 1 placed, success
a new member, without tools/list: 1 placed, success
a new member, after tools/list: 1 placed, the client's error
a new member, z.looseObject, without tools/list: 1 placed, success
a new member, z.looseObject, after tools/list: 1 placed, success
a null, without tools/list: 1 placed, the server's error
a null, after tools/list: 1 placed, the server's error
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
