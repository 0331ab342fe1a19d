import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { newMarket } from "../../src/emulator/entities/market.ts";
import { newOwners } from "../../src/emulator/entities/owner-entity.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const docs = read("docs/emulator.md").replaceAll(/\\\n\s*/g, "");

it("every control route is documented with a request to it, and every documented one exists", () => {
  const routes = [...read("src/emulator/routes/control-routes.ts").matchAll(/path: "\/_emulator([^"]+)"/g)];
  const documented = [...docs.matchAll(/^curl .*\/_emulator(\/\S+)$/gm)].map(([, path = ""]) =>
    path.replace(/\b(dep|dlv)_\w+/, ":id"),
  );
  expect(new Set(documented)).toEqual(new Set(routes.map(([, path]) => path)));
});

it("every symbol that fails on purpose, and every owner, is documented", () => {
  const special = [...newMarket()].filter(([, { behaviour }]) => behaviour !== "normal").map(([symbol]) => symbol);
  expect([...special, ...newOwners().keys()].filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
