import { describe, expect, it } from "vitest";
import { jsonAt, type JsonPath, JsonPathError, setJson } from "../../../src/core/json-edit.ts";

const TEXT = '{ "a": {"n": 1.50, "list": [1E5, {"x": null}]}, "empty": {}, "none": [] }';

describe("setJson", () => {
  it.each<[path: JsonPath, result: string]>([
    [["a", "n"], TEXT.replace("1.50", "2.0")],
    [["a", "list", 0], TEXT.replace("1E5", "2.0")],
    [["a", "list", "1", "x"], TEXT.replace("null", "2.0")],
    [["a", "list", 2], TEXT.replace("}]", "},2.0]")],
    [["a", "new"], TEXT.replace("}]}", '}],"new":2.0}')],
    [["empty", "b", "c"], TEXT.replace("{}", '{"b":{"c":2.0}}')],
    [["none", 0, "c"], TEXT.replace("[]", '[{"c":2.0}]')],
    [["a", "list", 1, "x", 0, "y"], TEXT.replace("null", '[{"y":2.0}]')],
  ])("sets a value at %j, and leaves the rest unchanged", (path, result) => {
    expect(setJson(TEXT, path, "2.0")).toBe(result);
  });

  it.each<[path: JsonPath, why: string]>([
    [["a", "n", "x"], "a.n is a number, and has no fields"],
    [["a", "list", 5], "a.list has 2 items, so the next index is 2"],
    [["a", "list", "x"], "a.list is a list, and x is not an index"],
    [["new", 3], "a new list begins with the index 0, not with 3"],
  ])("refuses %j: %s", (path, why) => {
    expect(() => setJson(TEXT, path, "1")).toThrow(new JsonPathError(why));
  });

  it("refuses a repeated field: parsers differ about which one counts", () => {
    expect(() => setJson('{"a":{"b":1,"b":2}}', ["a", "b"], "3")).toThrow('a has the field "b" twice');
    expect(setJson('{"a":{"b":1,"b":2}}', ["a", "c"], "3")).toBe('{"a":{"b":1,"b":2,"c":3}}');
  });
});

describe("jsonAt", () => {
  it("is the source text of the value that JSON.parse would return", () => {
    expect(jsonAt(TEXT, ["a", "n"])).toBe("1.50");
    expect(jsonAt('{"a":1,"a":2.0}', ["a"])).toBe("2.0");
    expect(jsonAt(TEXT, ["a", "missing", "x"])).toBeUndefined();
    expect(jsonAt(TEXT, ["a", "list", 9])).toBeUndefined();
  });
});
