import { assert, constantFrom, json as jsonTexts, nat, oneof, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { differences } from "../../../../src/inspector/page/json/diff.ts";
import { indented } from "../../../../src/inspector/page/json/indented.ts";
import { personalSpans, withDots } from "../../../../src/inspector/page/json/personal.ts";
import { Scanner } from "../../../../src/inspector/page/json/scan.ts";
import { pathOf, readTree, TreeReader } from "../../../../src/inspector/page/json/tree.ts";

function values(source: string): string[] {
  const tree = readTree(source);
  if (tree.kind === "not-json") throw new Error(tree.reason);
  return tree.lines.map(({ value }) => source.slice(value.start, value.end));
}

function tokens(source: string): string {
  const scanner = new Scanner(source);
  let text = "";
  for (let token = scanner.next(); token !== undefined; token = scanner.next()) {
    text += source.slice(token.start, token.end);
  }
  return text;
}

function isJson(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

describe("the scanner of JSON", () => {
  it("keeps every character but the white space between tokens", () => {
    assert(
      property(jsonTexts(), constantFrom("", " ", "\n\t"), (json, space) => {
        const source = indented(json).replaceAll("\n", `\n${space}`);
        expect(tokens(source)).toBe(tokens(json));
        expect(JSON.parse(tokens(source))).toStrictEqual(JSON.parse(json));
      }),
    );
  });

  it("accepts what JSON.parse accepts, and nothing else", () => {
    const almost = tuple(jsonTexts(), nat(), constantFrom("", ",", "}", '"', "\\", "0", "\u0001", "x", "-", "[")).map(
      ([json, at, extra]) => {
        const cut = at % (json.length + 1);
        return json.slice(0, cut) + extra + json.slice(cut + 1);
      },
    );
    assert(
      property(oneof(almost, string(), jsonTexts()), (source) => {
        expect(readTree(source).kind === "tree").toBe(isJson(source));
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives numbers as they were written", () => {
    expect(values("[1152921506151679042, 136.0, 1E5, -0]")).toStrictEqual([
      "[",
      "1152921506151679042",
      "136.0",
      "1E5",
      "-0",
      "]",
    ]);
  });

  it("keeps repeated names and the order of names", () => {
    const source = '{"10":1,"2":2,"10":3}';
    const tree = readTree(source);
    if (tree.kind === "not-json") throw new Error(tree.reason);
    expect(tree.lines.map((line) => pathOf(source, tree.lines, line))).toStrictEqual([
      "",
      '["10"]',
      '["2"]',
      '["10"]',
      "",
    ]);
  });

  it("reads a long string and a deeply nested list", () => {
    expect(values(JSON.stringify("x".repeat(5_000_000)))).toHaveLength(1);
    expect(values("[".repeat(100_000) + "]".repeat(100_000))).toHaveLength(200_000);
  });

  it("reads a text in slices to the same tree", () => {
    const source = JSON.stringify({ a: [1, { b: null }], c: "d" });
    const reader = new TreeReader(source);
    let tree = reader.step(2);
    while (tree === undefined) tree = reader.step(2);
    expect(tree).toStrictEqual(readTree(source));
  });

  it("gives the reason and the position if a text is not JSON", () => {
    expect(readTree('{"a" 1}')).toStrictEqual({ kind: "not-json", reason: "unexpected number", offset: 5 });
    expect(readTree('{"a":')).toStrictEqual({ kind: "not-json", reason: "unexpected end", offset: 5 });
  });
});

describe("personal data", () => {
  it("is what a redacted export replaces", () => {
    const source = '{"data":{"symbol":"AAPL","holder":"Jane Roe","quantity":1.0,"tax_id":123}}';
    expect(withDots(source, personalSpans(source))).toBe(
      '{"data":{"symbol":"AAPL","holder":"••••••••","quantity":1.0,"tax_id":•••}}',
    );
  });

  it("may be anywhere in a text that is not JSON", () => {
    expect(withDots("a=1\nb", personalSpans("a=1\nb"))).toBe("•••\n•");
  });
});

describe("the comparison of two payloads", () => {
  it("names what was added, removed and changed by its path, as written", () => {
    const found = differences('{"a":1.0,"b":[1,2],"c":{}}', '{"a":1,"b":[1],"c":{},"d":"x"}');
    expect(found?.map(({ path, kind, before, after }) => [path, kind, before, after])).toStrictEqual([
      ["a", "changed", "1.0", "1"],
      ["b[1]", "removed", "2", null],
      ["d", "added", null, '"x"'],
    ]);
  });

  it("is not possible if one of them is not JSON", () => {
    expect(differences("{}", "nothing")).toBeNull();
  });
});
