#!/usr/bin/env bash
# An MCP server with many tools gets one more. Its input has a date: `z.coerce.date()`, as in the handlers of a web server.
#
# Guess: the new tool works, or `registerTool` throws, or at worst this one tool is missing in the list.
# Seen:  `registerTool` accepts it, and then tools/list fails for all tools: "Date cannot be represented in JSON Schema". The list
#        is made when it is asked for, and one schema that cannot be converted ends it. So do z.bigint(), z.map() and z.custom().
#        A call of the tool by its name works, so that a test which calls the tool finds nothing.
# So:    take times as z.iso.datetime() and big numbers as text; test tools/list in the server's own tests.
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

const inputs = {
  "z.iso.datetime()": [z.iso.datetime(), "2026-12-01T10:00:00Z"],
  "z.coerce.date()": [z.coerce.date(), "2026-12-01T10:00:00Z"],
  "z.coerce.bigint()": [z.coerce.bigint(), "1152921506151679042"],
};
for (const [title, [since, value]] of Object.entries(inputs)) {
  const server = new McpServer({ name: "broker", version: "1.0.0" });
  const answer = async () => ({ content: [{ type: "text", text: "done" }] });
  server.registerTool("place_order", { inputSchema: z.object({ symbol: z.string() }) }, answer);
  server.registerTool("list_orders", { inputSchema: z.object({ since }) }, answer);
  const [one, other] = InMemoryTransport.createLinkedPair();
  await server.connect(one);
  const client = new Client({ name: "model", version: "1.0.0" });
  await client.connect(other);
  const called = await client.callTool({ name: "list_orders", arguments: { since: value } });
  const listed = await client.listTools().then(
    ({ tools }) => `${tools.length} tools`,
    (error) => error.message,
  );
  console.log(`${title}: call ${called.isError ? "failed" : "done"}, list: ${listed}`);
  await client.close();
}
END

cat >expected.txt <<'END'
z.iso.datetime(): call done, list: 2 tools
z.coerce.date(): call done, list: Date cannot be represented in JSON Schema
z.coerce.bigint(): call done, list: BigInt cannot be represented in JSON Schema
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
