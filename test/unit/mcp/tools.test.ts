import { expect, it } from "vitest";
import { PERMISSIONS } from "../../../src/features/agents/permissions.ts";
import { ACTION_TOOLS } from "../../../src/mcp/action-tools.ts";
import { READ_TOOLS } from "../../../src/mcp/read-tools.ts";
import { flags, words } from "../../../src/mcp/tool.ts";

it("values become flags that cannot be read as other flags", () => {
  expect(flags({ limit: 5, duplicates: true, resign: false, event: undefined, to: "--yes" })).toEqual([
    "--limit=5",
    "--duplicates",
    "--to=--yes",
  ]);
  expect(flags({ search: ["a", "b"] })).toEqual(["--search=a", "--search=b"]);
  expect(words("--help")).toEqual(["--", "--help"]);
});

it("every tool that sends or changes something needs a permission, and the others need none", () => {
  for (const { needs } of ACTION_TOOLS) expect(PERMISSIONS).toContain(needs);
  expect(new Set(ACTION_TOOLS.map(({ needs }) => needs))).toEqual(new Set(PERMISSIONS));
  expect(READ_TOOLS.filter(({ needs }) => needs !== undefined)).toEqual([]);
});

it("no two tools have the same name, and names are words of agents", () => {
  const names = [...READ_TOOLS, ...ACTION_TOOLS].map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  for (const name of names) expect(name).toMatch(/^[a-z_]{3,40}$/);
});
