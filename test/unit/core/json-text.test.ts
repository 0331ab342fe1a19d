import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compactJson,
  formatJson,
  JsonText,
  parseJson,
  stringify,
  TooDeepError,
  treeOf,
} from "../../../src/core/json-text.ts";

describe("parseJson", () => {
  it.each(["1152921506151679042", "136.0", "178.50", "1E5", "0.0000001", "-0", "1e400"])(
    "keeps the spelling %s",
    (text) => {
      expect(parseJson(text)).toEqual(new JsonText(text));
      expect(parseJson(`{"a":[${text},1]}`)).toEqual({ a: [new JsonText(text), 1] });
    },
  );

  it.each(["0", "1", "178.5", "-3", "1e+21", "9007199254740991"])("reads %s as a number", (text) => {
    expect(parseJson(text)).toBe(Number(text));
  });

  it.each(["{", "[1,]", "// x\n1", "01", "1.", "NaN", ""])("refuses %j, as JSON.parse does", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
    expect(() => treeOf(text)).toThrow(SyntaxError);
  });

  it("keeps a field named __proto__, and the last value of a repeated field", () => {
    const value = parseJson('{"__proto__":1.0,"a":1,"a":2.0}');
    expect(stringify(value)).toBe('{"__proto__":1.0,"a":2.0}');
  });

  it("reads any depth that JSON.parse reads, and refuses a number that is too deep to be kept", () => {
    const nested = (core: string) => `${"[".repeat(200_000)}${core}${"]".repeat(200_000)}`;
    expect(() => parseJson(nested("1"))).not.toThrow();
    expect(() => parseJson(nested("1.0"))).toThrow(TooDeepError);
  });
});

describe("stringify", () => {
  it("writes any document like JSON.stringify", () => {
    fc.assert(
      fc.property(fc.object({ withDate: true, withNullPrototype: true }), (document) => {
        expect(stringify(document)).toBe(JSON.stringify(document));
      }),
    );
  });

  it("writes a JsonText unchanged, at any depth", () => {
    expect(stringify({ a: [new JsonText("1.0")], b: undefined, c: new JsonText('{"x": 1E5}') })).toBe(
      '{"a":[1.0],"c":{"x": 1E5}}',
    );
  });

  it("is required for a JsonText: JSON.stringify refuses it", () => {
    expect(() => JSON.stringify({ a: new JsonText("1.0") })).toThrow(TypeError);
  });
});

describe("the formatting of a text", () => {
  it("equals that of JSON.stringify", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, 4), fc.constantFrom(0, 1, 3), (value, from, indent) => {
        const text = JSON.stringify(value, undefined, from);
        fc.pre(!text.includes("-0"));
        expect(formatJson(text, { indent, maxLength: Infinity })).toBe(
          JSON.stringify(JSON.parse(text), undefined, indent),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("ends soon after the maximum length, at any depth", () => {
    const text = "[".repeat(100_000) + "]".repeat(100_000);
    expect(formatJson(text, { indent: 2, maxLength: 1000 }).length).toBeLessThan(1200);
    expect(() => compactJson(text)).toThrow(TooDeepError);
  });
});
