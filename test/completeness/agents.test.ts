import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PERMISSIONS } from "../../src/features/agents/permissions.ts";
import { ACTION_TOOLS } from "../../src/mcp/action-tools.ts";
import { READ_TOOLS } from "../../src/mcp/read-tools.ts";

const docs = readFileSync(new URL("../../docs/agents.md", import.meta.url), "utf8");
const [, tools = "", permissions = ""] = docs.split(/^## (?:Tools|What an agent may do|Payloads .*)$/m);
const firstColumn = (table: string) => [...table.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name = ""]) => name);

it("every tool is documented, in the order in which agents see them, and no other", () => {
  expect(firstColumn(tools)).toEqual([...READ_TOOLS, ...ACTION_TOOLS].map(({ name }) => name));
});

it("every permission is documented with its tools", () => {
  expect(firstColumn(permissions).toSorted()).toEqual([...PERMISSIONS].toSorted());
  for (const permission of PERMISSIONS) {
    const row = permissions.split("\n").find((line) => line.startsWith(`| \`${permission}\``)) ?? "";
    const needing = ACTION_TOOLS.filter(({ needs }) => needs === permission).map(({ name }) => name);
    expect([...row.matchAll(/`([a-z]+_?[a-z]*)`/g)].slice(1).map(([, name]) => name)).toEqual(needing);
  }
});
