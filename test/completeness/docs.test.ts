import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { everyHelp } from "../support/every-help.ts";
import { documentation } from "../support/documentation.ts";

const ROOT = new URL("../../", import.meta.url);
const pages = documentation();
const helps = await everyHelp();

/** The anchors that GitHub generates for the headings of a page. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

it("every link to a file of the project leads to a file and a heading that exist", () => {
  const broken = pages.flatMap(({ path, text }) =>
    [...text.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^[a-z]+:/.test(link)) return [];
      const target = new URL(link, new URL(path, ROOT));
      const anchor = target.hash.slice(1);
      target.hash = "";
      if (!existsSync(target)) return [`${path}: ${link}`];
      return anchor === "" || anchorsOf(readFileSync(target, "utf8")).has(anchor) ? [] : [`${path}: ${link}`];
    }),
  );
  expect(broken).toStrictEqual([]);
});

it("every file of the project that a page names exists", () => {
  const missing = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|test|docs|scripts|bin|recipes|examples)\/[\w./-]+)`/g)].flatMap(([, file = ""]) =>
      existsSync(new URL(file, ROOT)) || /NAME|KIND/.test(file) ? [] : [`${path}: ${file}`],
    ),
  );
  expect(missing).toStrictEqual([]);
});

it("every command of an example exists, with its flags", () => {
  const examples = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/^```(?:console)?\n([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
      [...block.replaceAll("\\\n", "").matchAll(/^(?!#).*$/gm)].map(([line]) => ({ path, line })),
    ),
  );
  const wrong = examples.flatMap(({ path, line }) =>
    [...line.matchAll(/(?:^(?:\$ )?|^- run: npx |-- )bluum-hooks ([^|>#]*)/g)].flatMap(([, rest = ""]) => {
      const words = (rest.split(" -- ")[0] ?? "").trim().split(/\s+/);
      const command = helps.findLast(
        (each) => each.command !== "" && `${words.join(" ")} `.startsWith(`${each.command} `),
      );
      if (command === undefined) return [`${path}: ${line}`];
      return words
        .filter((word) => word.startsWith("--") && !command.flags.has(word.split("=")[0] ?? ""))
        .map((word) => `${path}: ${word} in ${line}`);
    }),
  );
  expect(examples.length).toBeGreaterThan(100);
  expect(wrong).toStrictEqual([]);
});

it("no line is wider than 100 columns, except in tables", () => {
  const wide = pages.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line) => (line.length > 100 && !/^\||\]\(\S+\)/.test(line) ? [`${path}: ${line}`] : [])),
  );
  expect(wide).toStrictEqual([]);
});

it("every record of a session is documented, and no other", () => {
  const facts = readFileSync(new URL("src/core/facts.ts", ROOT), "utf8");
  const types = [...facts.matchAll(/readonly type: "([a-z]+)"/g)].map(([, type = ""]) => type);
  const page = pages.find(({ path }) => path === "docs/scripting.md")?.text ?? "";
  const [, section = ""] = page.split("\n## Records of `listen`\n");
  const documented = [...section.matchAll(/^- `([a-z]+)`: /gm)].map(([, type = ""]) => type);
  expect(documented.toSorted(), "describe each type of src/core/facts.ts in docs/scripting.md").toStrictEqual(
    [...new Set(types)].toSorted(),
  );
});
