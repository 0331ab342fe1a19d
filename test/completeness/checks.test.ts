import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CHECK_GROUPS, checklist } from "../../src/checks/check-table.ts";

const docs = readFileSync(new URL("../../docs/check.md", import.meta.url), "utf8");

it("every check is documented with what it sends and expects, and every documented check exists", () => {
  const joined = docs.replaceAll(/\n +(?! *- )/g, " ");
  const documented = joined.matchAll(/^- `([a-z]+\.[a-z-]+)` \(([^)]+)\)\n {2}- sent: (.+)\n {2}- expected: (.+)$/gm);
  expect(
    [...documented].map(([, id, tags = "", sent, expected]) => ({
      id,
      sent,
      expected,
      isSafe: tags.includes("--safe"),
    })),
    'list the checks under "All checks" in docs/check.md, in the order and with the words of src/checks/',
  ).toEqual(checklist().map(({ id, sent, expected, isSafe }) => ({ id, sent, expected, isSafe })));
});

it("every check's id begins with its group, and no two are the same", () => {
  const ids = checklist().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { name, checks } of CHECK_GROUPS) {
    for (const { id } of checks) expect(id.startsWith(`${name}.`)).toBe(true);
  }
});

it("no safe check requires a 2xx response to an event that a handler acts on", () => {
  const safe = checklist().filter(({ isSafe }) => isSafe);
  expect(safe.filter(({ id, expected }) => expected.startsWith("2xx") && id !== "events.unknown-name")).toEqual([]);
});
