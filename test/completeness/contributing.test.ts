import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const guide = readFileSync(new URL("CONTRIBUTING.md", root), "utf8");
const table = /## Where things live\n([\s\S]*?)\n## /.exec(guide)?.[1] ?? "";
const places = [...table.matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, place = ""]) => place),
);

it("everything that CONTRIBUTING.md names exists", () => {
  expect(places.length).toBeGreaterThan(20);
  expect(places.filter((place) => !existsSync(new URL(place, root)))).toStrictEqual([]);
});

it("every file and folder of the source has its line in CONTRIBUTING.md", () => {
  const entries = readdirSync(new URL("src/", root), { withFileTypes: true });
  const actual = entries.map((entry) => `src/${entry.name}${entry.isDirectory() ? "/" : ""}`);
  expect(actual.filter((place) => !places.includes(place))).toStrictEqual([]);
});

it("every finding can be run, and has its row in findings/README.md", () => {
  const folder = new URL("findings/", root);
  const scripts = readdirSync(folder).filter((file) => file !== "README.md");
  const listed = [...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^\| `([\w-]+\.sh)`/gm)];
  expect(listed.map(([, file = ""]) => file).toSorted()).toStrictEqual(scripts.toSorted());
  expect(scripts.filter((file) => (statSync(new URL(file, folder)).mode & 0o111) === 0)).toStrictEqual([]);
});
