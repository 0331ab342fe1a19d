import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** The files of the examples as they are committed. */
const sources = readdirSync(new URL("examples/", ROOT), { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(js|ts|py|go|php)$/.test(path) && !/node_modules|\.next|dist/.test(path))
  .map((path) => unindented(read(`examples/${path}`)));

function unindented(text: string): string {
  return text.replaceAll(/^[ \t]+/gm, "");
}

it.each(["docs/deduplication.md", "docs/frameworks.md"])(
  "the code in %s is part of an example, which a test runs",
  (page) => {
    const [guide = ""] = read(page).split("\n## Find the mistake");
    const blocks = [...guide.matchAll(/^```(?:js|ts|python|go|php)\n([^]*?)^```$/gm)].map(([, code = ""]) => code);
    expect(blocks.length).toBeGreaterThan(2);
    expect(blocks.filter((code) => !sources.some((source) => source.includes(unindented(code))))).toStrictEqual([]);
  },
);

it.each([
  ["express/inbox.js", "fastify/inbox.js", "hono/inbox.js"],
  ["nestjs/src/inbox.ts", "nextjs/lib/inbox.ts"],
  ["flask/inbox.py", "fastapi/inbox.py"],
])("%s is the same file in each example that has it", (first, ...others) => {
  for (const other of others) expect(read(`examples/${other}`)).toBe(read(`examples/${first}`));
});
