import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CURRENT_JOURNEY } from "../contract/published/current.ts";
import { LEGACY_JOURNEY } from "../contract/published/legacy.ts";

const FOLDER = new URL("../contract/", import.meta.url);

/** The journeys name the page of each call, and the comparison is not a fact of Bluum's. */
const OTHERS = new Set(["journeys.test.ts", "published.test.ts"]);

it("every fact in the contract suite is named by the page that publishes it", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".test.ts") && !OTHERS.has(name));
  expect(files.length).toBeGreaterThan(5);
  for (const name of files) {
    const text = readFileSync(new URL(name, FOLDER), "utf8");
    expect([name, text.match(/^(?:describe|it|test)\b.*$/gm)]).toEqual([name, null]);
    expect([name, /^publishedHere\(|^published\(/m.test(text)]).toEqual([name, true]);
  }
});

it("every published call names its page", () => {
  for (const { page } of [...CURRENT_JOURNEY, ...LEGACY_JOURNEY]) {
    expect(page).toMatch(/^(?:api-reference|concepts|get-started|guides|platform)\/[\w/-]+$/);
  }
});
