import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keyNames, SHORTCUTS } from "../../src/inspector/page/shortcut-table.ts";

it("docs/inspector.md lists the keys of the page, and no others", () => {
  const page = readFileSync(new URL("../../docs/inspector.md", import.meta.url), "utf8");
  const section = /## Keys\n([\s\S]*?)\n## /.exec(page)?.[1] ?? "";
  const listed = [...section.matchAll(/^\| (`.*?)\s*\| (.*?)\s*\|$/gm)].map(([, keys, about]) => [keys, about]);
  const names = (shortcut: (typeof SHORTCUTS)[number]) => keyNames(shortcut).map((name) => `\`${name}\``);
  expect(listed).toStrictEqual(SHORTCUTS.map((shortcut) => [names(shortcut).join(" "), shortcut.about]));
});
