import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { newMarket } from "../../src/emulator/entities/market.ts";
import type { ApiRoute } from "../../src/emulator/api-route.ts";
import { newOwners } from "../../src/emulator/entities/owner-entity.ts";

import { API_ROUTES } from "../../src/emulator/routes/table.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const docs = read("docs/emulator.md").replaceAll(/\\\n\s*/g, "");

it("every control route is documented with a request to it, and every documented one exists", () => {
  const routes = [...read("src/emulator/routes/control-routes.ts").matchAll(/path: "\/_emulator([^"]+)"/g)];
  const documented = [...docs.matchAll(/^curl .*\/_emulator(\/\S+)$/gm)].map(([, path = ""]) =>
    path.replace(/\b(dep|dlv)_\w+/, ":id"),
  );
  expect(new Set(documented)).toEqual(new Set(routes.map(([, path]) => path)));
});

/** A row of the table as documented; a path has no version there, and its owner and id are in braces. */
function documentedRow({ method, paths: { current, legacy }, real, fixed }: ApiRoute): string[] {
  const call = (path: string | undefined) =>
    path === undefined ? "" : `\`${method} ${path.replace("/v1", "").replaceAll(/:(\w+)/g, "{$1}")}\``;
  return [call(current), current === legacy ? "the same" : call(legacy), real, fixed];
}

it("every call that is answered is in the table of calls, with what is real and what is fixed, and no other", () => {
  const [, table = ""] = docs.split("\n## Calls\n");
  const rows = table
    .slice(0, table.indexOf("\n## "))
    .split("\n")
    .filter((line) => line.startsWith("| `") || line.startsWith("|  "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(API_ROUTES.map(documentedRow));
});

it("every symbol that fails on purpose, and every owner, is documented", () => {
  const special = [...newMarket()].filter(([, { behaviour }]) => behaviour !== "normal").map(([symbol]) => symbol);
  expect([...special, ...newOwners().keys()].filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
