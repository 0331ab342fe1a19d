import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { HARMLESS_FIELDS, HARMLESS_HEADERS, HARMLESS_PATH_PARTS } from "../../src/core/harmless.ts";

const docs = readFileSync(new URL("../../docs/redaction.md", import.meta.url), "utf8");
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name).toSorted();

it("docs/redaction.md names every field that is kept, by the format of its value, and no other", () => {
  const rows = [...docs.matchAll(/^- \*\*(\w+)\*\* [^:]*:((?:.|\n(?!- |\n))*)/gm)].map(([, form = "", names = ""]) => [
    form,
    quoted(names),
  ]);
  const fields = Object.entries(HARMLESS_FIELDS).map(([form, names]) => [form, names.toSorted()]);
  expect(Object.fromEntries(rows), "docs/redaction.md and src/core/harmless.ts differ").toEqual(
    Object.fromEntries(fields),
  );
});

it("and every header and part of a path", () => {
  const headers = /^- Headers are kept [^]*?usual form:\s([^]*?)\. `Host`/m.exec(docs)?.[1] ?? "";
  const known = Object.values(HARMLESS_HEADERS)
    .flat()
    .filter((name) => name !== "host");
  expect(quoted(headers)).toEqual(known.toSorted());
  const parts = /^- In paths, ([^]*?) and\s+IDs\s+are/m.exec(docs)?.[1] ?? "";
  expect(quoted(parts)).toEqual(HARMLESS_PATH_PARTS.toSorted());
});
